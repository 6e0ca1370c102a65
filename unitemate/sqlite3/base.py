"""Beginning transactions without starving.

SQLite has one writer at a time. One that must wait asks again by itself, after pauses that grow to
100 ms, while a newcomer asks at once: under load the newcomers win, and the one that has waited
longest waits seconds. Here the threads of a process take turns, so that one of them asks while the
others sleep and leave the interpreter to the thread that is writing, and all processes ask at the same pace.
"""

import random
import threading
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PACE = (0.001, 0.003)
"""Seconds between attempts, drawn at random so that nobody keeps in step with another."""

_turn = threading.Lock()
"""Held by the thread of this process that asks to begin, not by the one that writes."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with a `BEGIN` of its own."""

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction, as soon as chance will have it.

        Raises:
            OperationalError: the database stayed locked for as long as the option `timeout` says.
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
