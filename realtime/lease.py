"""Who does a periodic job, when several processes could.

On PostgreSQL a lease is an advisory lock of the session, which the server itself ends with the
session; elsewhere it is a row that expires unless it is renewed.
"""

import os
import secrets
import zlib
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import timezone

from realtime.models import Lease as Row


def lock_key(name: str) -> int:
    """The advisory lock of a lease's name: a stable 32-bit number in a space of our own."""
    return (0x756E << 32) | zlib.crc32(name.encode())


class Lease:
    """A claim to be the only one.

    Args:
        name: the job.
        seconds: how long a claim that is not renewed holds, where it is a row.
    """

    def __init__(self, name: str, seconds: float = 10.0) -> None:
        self.name = name
        self.seconds = seconds
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._session: psycopg.Connection | None = None

    def acquire(self) -> bool:
        """Take or renew the lease.

        Returns:
            Whether this process holds it now.
        """
        return self._acquire_lock() if connection.vendor == "postgresql" else self._acquire_row()

    def release(self) -> None:
        """Give the lease up; harmless when it is not held."""
        if self._session is not None:
            with suppress(psycopg.Error):  # the server ends a session at its leisure, and the lock with it
                self._session.execute("SELECT pg_advisory_unlock_all()")
            self._session.close()
            self._session = None
        elif connection.vendor != "postgresql":
            Row.objects.filter(name=self.name, holder=self.holder).delete()

    def _acquire_lock(self) -> bool:
        # A session of its own: one from the pool would keep the lock after it was handed back.
        try:
            if self._session is None:
                self._session = psycopg.connect(**connection_parameters(), autocommit=True)
                row = self._session.execute("SELECT pg_try_advisory_lock(%s)", [lock_key(self.name)]).fetchone()
                if not (row and row[0]):
                    self.release()
            else:
                self._session.execute("SELECT 1")
        except psycopg.OperationalError:
            self.release()
            raise
        return self._session is not None

    def _acquire_row(self) -> bool:
        now = timezone.now()
        with transaction.atomic():
            row, created = Row.objects.select_for_update().get_or_create(
                name=self.name,
                defaults={"holder": self.holder, "expires_at": now + timedelta(seconds=self.seconds)},
            )
            if not created and row.holder != self.holder and row.expires_at > now:
                return False
            Row.objects.filter(pk=row.pk).update(holder=self.holder, expires_at=now + timedelta(seconds=self.seconds))
        return True


def connection_parameters() -> dict[str, Any]:
    """What psycopg needs to open a session of its own to the default database."""
    parameters = dict(connections[DEFAULT_DB_ALIAS].get_connection_params())
    for internal in ("pool", "cursor_factory", "context"):
        parameters.pop(internal, None)
    # A partitioned session must not keep its lock for hours.
    return parameters | {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "connect_timeout": 5}
