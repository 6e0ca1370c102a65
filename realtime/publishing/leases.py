"""Leases: one process of many does a periodic job.

A lease is a row. It expires unless its holder renews it. On PostgreSQL the holder's session has an advisory lock as
well, and there are two ways to lose the lease:

- The process dies. Its session ends, and the server releases the lock. The next process takes over at once.
- The host vanishes without a word. The server keeps the session and its lock, but the row expires. The next process
  then terminates that session, and takes over.

All times are the database's.
"""

import os
import secrets
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models.functions import Now

from realtime.database import pooling, sessions
from realtime.models import Lease as Row


@dataclass(frozen=True, slots=True)
class LeaseTiming:
    """How long a lease lasts, and how long holders and candidates wait, in seconds.

    Attributes:
        lasts: until a lease that is not renewed expires. With the time that others need to notice: less than 15.
        renew_every: between two renewals.
        retry_every: between two attempts to acquire a lease that another process holds.
        statement_timeout: for the database to execute one of the statements below.
    """

    lasts: float = 8.0
    renew_every: float = 2.0
    retry_every: float = 1.0
    statement_timeout: float = 4.0


ACQUIRE = """
    WITH taken AS MATERIALIZED (SELECT pg_try_advisory_lock(%(key)s) AS is_ours)
    INSERT INTO realtime_lease (name, holder, expires_at, backend_pid, backend_start)
    SELECT %(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s), pid, backend_start
    FROM taken, pg_stat_activity WHERE is_ours AND pid = pg_backend_pid()
    ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
        backend_pid = EXCLUDED.backend_pid, backend_start = EXCLUDED.backend_start
"""
"""Takes the lock and, if that worked, the row. It returns no row if another session has the lock."""
RENEW = """
    UPDATE realtime_lease SET expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
    WHERE name = %(name)s AND holder = %(holder)s AND backend_pid = pg_backend_pid()
"""
_IS_LOCK_OF_LEASE = """
    held.granted AND held.locktype = 'advisory'
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.classid::bigint = %(key)s >> 32 AND held.objid::bigint = %(key)s & 4294967295
"""
TERMINATE_EXPIRED_HOLDER = f"""
    SELECT pg_terminate_backend(session.pid)
    FROM realtime_lease AS lease
    JOIN pg_stat_activity AS session
      ON session.pid = lease.backend_pid AND session.backend_start = lease.backend_start
    JOIN pg_locks AS held ON held.pid = session.pid AND {_IS_LOCK_OF_LEASE}
    WHERE lease.name = %(name)s AND lease.expires_at < clock_timestamp()
"""  # noqa: S608
"""Terminates the session that holds the lock, if the row has expired. The row must name that session by process id and
start, since process ids are reused. A role may terminate its own sessions."""
ABANDONED = f"""
    SELECT 1 FROM realtime_lease AS lease
    WHERE lease.name = %(name)s AND lease.expires_at < clock_timestamp() - make_interval(secs => %(seconds)s)
    AND NOT EXISTS (
        SELECT 1 FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
        WHERE {_IS_LOCK_OF_LEASE} AND (session.pid, session.backend_start)
            IS DISTINCT FROM (lease.backend_pid, lease.backend_start)
    )
"""  # noqa: S608
"""Returns a row if the lease has been expired for so long and no session but the row's own has the lock. An older
version of this service holds the lock without a row, so an expired row alone proves nothing."""


def lock_key(name: str) -> int:
    """The advisory lock of a lease's name: a stable 32-bit number in a space of our own."""
    return (0x756E << 32) | zlib.crc32(name.encode())


class LeaseParameters:
    """The parameters of the statements above, for one holder.

    Args:
        name: the job.
        seconds: the lease's duration without renewal.

    Attributes:
        holder: a name that no other holder has.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self.holder = f"{os.getpid()}-{secrets.token_hex(4)}"

    @property
    def values(self) -> dict[str, Any]:
        return {"name": self.name, "seconds": self.seconds, "holder": self.holder, "key": lock_key(self.name)}


class Lease:
    """A lease on a job.

    Args:
        name: the job.
        timing: how long the lease lasts, and how long to wait.
    """

    def __init__(self, name: str, timing: LeaseTiming | None = None) -> None:
        self.timing = timing or LeaseTiming()
        self._parameters = LeaseParameters(name, self.timing.lasts)
        self._session: sessions.Connection | None = None
        self._is_held = False

    def acquire(self) -> bool:
        """Acquire the lease, or renew it.

        Returns:
            Whether this process holds the lease now.

        Raises:
            psycopg.Error: the database did not answer. The lease is given up.
            pooling.TransactionPooling: the session is a pooler's, and cannot hold a lock.
        """
        return self._acquire_lock() if connection.vendor == "postgresql" else self._acquire_row()

    def release(self) -> None:
        """Give the lease up, if it is held."""
        if self._session is not None:
            self._is_held = False
            with suppress(psycopg.Error):  # unlock first: closing ends the session a moment later
                self._session.execute("SELECT pg_advisory_unlock_all()")
            self._session.close()
            self._session = None
        elif connection.vendor != "postgresql":
            Row.objects.filter(name=self._parameters.name, holder=self._parameters.holder).delete()

    def _acquire_lock(self) -> bool:
        # A session from the pool would keep the lock after its return to the pool.
        values = self._parameters.values
        try:
            if self._session is None:
                self._session = sessions.open_session(self.timing.statement_timeout)
                pooling.require_own_session(self._session)
            if self._is_held:
                if self._session.execute(RENEW, values).rowcount == 1:
                    return True
                self.release()  # the row is gone; without it nobody could tell a dead holder, so the lock must go too
                return False
            self._is_held = self._session.execute(ACQUIRE, values).rowcount == 1
            if not self._is_held:
                self._session.execute(TERMINATE_EXPIRED_HOLDER, values)
        except psycopg.Error:
            self.release()
            raise
        return self._is_held

    def _acquire_row(self) -> bool:
        until = Now() + timedelta(seconds=self._parameters.seconds)
        claim = {"holder": self._parameters.holder, "expires_at": until}
        with transaction.atomic():
            _, created = Row.objects.get_or_create(name=self._parameters.name, defaults=claim)
            if created:
                return True
            rows = Row.objects.filter(name=self._parameters.name)
            return bool(
                (rows.filter(holder=self._parameters.holder) | rows.filter(expires_at__lte=Now())).update(**claim)
            )


def is_abandoned(name: str, seconds: float) -> bool:
    """Whether a lease that was held once has been expired for so many seconds."""
    if connection.vendor != "postgresql":
        return Row.objects.filter(name=name, expires_at__lt=Now() - timedelta(seconds=seconds)).exists()
    with connection.cursor() as cursor:
        cursor.execute(ABANDONED, {"name": name, "key": lock_key(name), "seconds": seconds})
        return cursor.fetchone() is not None
