"""Sessions of PostgreSQL that end when the other side is gone, and in a server process never hold anybody up.

A peer that vanishes without a word (a host without power, a cut cable) is noticed by neither side unless both are
told to look. libpq looks for this side; the server's side is set here for each session, so that what the session
holds (locks, transactions) is given back within seconds.

In a server process waiting is bounded besides, so that a request ends with 503 and nothing of it is committed
later: the server gives up a statement, a lock, and a transaction in which nothing comes any more, and this side
gives up a session that has not answered. The last two are in that order: a COMMIT that was held up on its way
finds its transaction ended. Commands that run for minutes (migrations, pruning, imports) are not bounded so.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg import errors
from psycopg.abc import RV, PQGen

WAIT_INTERVAL = 0.1
"""Seconds between psycopg's looks at the time while it waits; its own default."""
CONNECT_TIMEOUT = 3
"""Seconds that a connection may take to be made, for each address."""
POOL_TIMEOUT = 3.0
"""Seconds that a request waits for a session of the pool."""
LIVENESS_TIMEOUT = 2.0
"""Seconds in which a session of the pool says that it lives, before somebody is given it."""

CLIENT_KEEPALIVE = {
    "connect_timeout": CONNECT_TIMEOUT,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""libpq's parameters for noticing on this side, within eleven seconds, that the server is gone; in (milli)seconds."""
SERVER_KEEPALIVE = {
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
}
"""The same for the server's side. At a Unix socket they mean nothing."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a session waits, in seconds.

    Attributes:
        lock: for a lock.
        statement: for a statement in all.
        idle: in a transaction, for the next statement.
        answer: on this side, for the answer to a statement; longer than the others.
    """

    lock: float
    statement: float
    idle: float
    answer: float

    def as_settings(self) -> dict[str, str]:
        """The settings of the server, which know milliseconds."""
        return {
            "lock_timeout": f"{self.lock * 1000:.0f}ms",
            "statement_timeout": f"{self.statement * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{self.idle * 1000:.0f}ms",
        }


SERVING = Timeouts(lock=3.0, statement=4.0, idle=4.0, answer=5.0)
"""Of a server process: a proxy waits longer for the answer (deploy/nginx.conf)."""
LONG_RUNNING = Timeouts(lock=60.0, statement=300.0, idle=60.0, answer=330.0)
"""In it, of what staff do to a whole season."""

_timeouts: Timeouts | None = None


class TimedOut(psycopg.OperationalError):
    """The server has not answered in time; the session is closed."""


def set_timeouts(timeouts: Timeouts | None = SERVING) -> None:
    """Bound the sessions that this process will open; None for no timeouts."""
    global _timeouts
    _timeouts = timeouts


class Connection(psycopg.Connection[Any]):
    """psycopg's session; the pool is made of these.

    Attributes:
        answer_timeout: seconds that it waits for an answer; None for as long as it takes.
    """

    answer_timeout: float | None = None

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """Open a session; see `psycopg.Connection.connect`."""
        session = super().connect(conninfo, **options)
        session.answer_timeout = CONNECT_TIMEOUT
        session.execute(*_set(SERVER_KEEPALIVE | (_timeouts.as_settings() if _timeouts else {})))
        session.answer_timeout = _timeouts.answer if _timeouts else None
        return session

    def execute(self, query: Any, *args: Any, **options: Any) -> psycopg.Cursor[Any]:
        """Execute; see `psycopg.Connection.execute`. An empty query is the pool's, to see whether the session lives."""
        answer_timeout = self.answer_timeout
        if query == "" and answer_timeout is not None:
            self.answer_timeout = min(answer_timeout, LIVENESS_TIMEOUT)
        try:
            return super().execute(query, *args, **options)
        finally:
            self.answer_timeout = answer_timeout

    def wait(self, gen: PQGen[RV], interval: float = WAIT_INTERVAL, timeout: float | None = None) -> RV:
        """Wait for an answer; see `psycopg.Connection.wait`.

        Raises:
            TimedOut: it has not come.
        """
        if timeout is not None or self.answer_timeout is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_timeout)
        except errors._WaitTimeout as error:
            abort(self)
            raise TimedOut("no answer in time") from error


class AsyncConnection(psycopg.AsyncConnection[Any]):
    """The same for coroutines."""

    answer_timeout: float | None = None

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = WAIT_INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> RV:
        """See `Connection.wait`."""
        if timeout is not None or self.answer_timeout is None:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, self.answer_timeout)
        except errors._WaitTimeout as error:
            abort(self)
            raise TimedOut("no answer in time") from error


def abort(session: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Close a session at once, and let the system send nothing more of what it still has to send."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(session.pgconn.socket)) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.pgconn.finish()


def open_session(answer_timeout: float) -> Connection:
    """Open a session of its own to the default database, in autocommit.

    Args:
        answer_timeout: seconds that it waits for each answer.

    Raises:
        psycopg.OperationalError: it cannot be had.
    """
    session = Connection.connect(**parameters(), autocommit=True)
    session.answer_timeout = answer_timeout
    return session


async def open_async_session(answer_timeout: float) -> AsyncConnection:
    """The same for coroutines."""
    session = await AsyncConnection.connect(**parameters(), autocommit=True)
    session.answer_timeout = answer_timeout
    try:
        await session.execute(*_set(SERVER_KEEPALIVE))
    except BaseException:
        abort(session)
        raise
    return session


def parameters() -> dict[str, Any]:
    """What psycopg needs to open a session of its own to the default database."""
    found = dict(connections[DEFAULT_DB_ALIAS].get_connection_params())
    for internal in ("pool", "cursor_factory", "context"):
        found.pop(internal, None)
    return found


@contextlib.contextmanager
def long_transaction() -> Iterator[None]:
    """A transaction for work of minutes, in a server process too."""
    with transaction.atomic():
        session = connection.connection
        if not isinstance(session, Connection) or session.answer_timeout is None:
            yield
            return
        answer_timeout = session.answer_timeout
        with connection.cursor() as cursor:
            cursor.execute(*_set(LONG_RUNNING.as_settings(), local=True))
        session.answer_timeout = LONG_RUNNING.answer
        try:
            yield
        finally:
            session.answer_timeout = answer_timeout


def _set(values: dict[str, str], *, local: bool = False) -> tuple[str, list[Any]]:
    """The statement that sets parameters of the session, or of the transaction alone, and its arguments."""
    calls = ", ".join(["set_config(%s, %s, %s)"] * len(values))
    return f"SELECT {calls}", [part for name, value in values.items() for part in (name, value, local)]
