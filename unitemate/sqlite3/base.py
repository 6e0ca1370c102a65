"""Beginning transactions without starving.

SQLite has one writer at a time. One that must wait asks again by itself, after pauses that grow to
100 ms, while a newcomer asks at once: under load the newcomers win, and the one that has waited
longest waits seconds. Here all ask at the same pace.
"""

import random
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

PACE = (0.001, 0.005)
"""Seconds between attempts, drawn at random so that nobody keeps in step with another."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with a `BEGIN` of its own."""

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction, as soon as chance will have it.

        Raises:
            OperationalError: the database stayed locked for as long as the option `timeout` says.
        """
        timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        deadline = time.monotonic() + timeout
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs lack it
                except OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() >= deadline:
                        raise
                else:
                    return
                time.sleep(random.uniform(*PACE))
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {round(timeout * 1000)}")
