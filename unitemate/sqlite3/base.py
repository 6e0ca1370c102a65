"""Transactions on SQLite that do not starve.

SQLite has one writer at a time. A waiting writer retries after pauses that grow to 100 ms, while a new one tries
at once. So under load new writers win, and the oldest waits for seconds. Here the threads of a process take turns:
one of them tries while the others sleep and leave the interpreter to the writing thread. All processes try at the
same pace.
"""

import random
import threading
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PACE = (0.001, 0.003)
"""Seconds between attempts, drawn at random so that processes do not stay in step."""

_turn = threading.Lock()
"""Held by the thread of this process that tries to begin, and not by the one that writes."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with a `BEGIN` of its own."""

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction, retrying until the database is free.

        Raises:
            OperationalError: the database stayed locked for the option `timeout`.
        """
        timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        deadline = time.monotonic() + timeout
        if not _turn.acquire(timeout=timeout):
            raise OperationalError("database is locked")
        try:
            self.connection.execute("PRAGMA busy_timeout = 0")
            self._begin_until(deadline)
        finally:
            _turn.release()
            self.connection.execute(f"PRAGMA busy_timeout = {round(timeout * 1000)}")

    def _begin_until(self, deadline: float) -> None:
        while True:
            try:
                super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs lack it
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= deadline:
                    raise
            else:
                return
            time.sleep(random.uniform(*PACE))
