"""Sessions of PostgreSQL that end when the other side is gone, and that never block a server process for long.

*Keepalives.* Neither side notices a peer that vanishes without a word (a host without power, a cut cable) unless it
probes the link. libpq probes for this side. The server's probes are set here for each session, so that the server
releases a dead session's locks and transactions within seconds.

*Timeouts*, in server processes. The server limits a statement, the wait for a lock, and the wait for the next
statement of a transaction. This side limits the wait for an answer, and it waits longer than the server. So when a
request is refused with 503, nothing of it is committed later: a COMMIT that is delayed on its way arrives after the
server has ended its transaction. Commands that run for minutes (migrations, pruning, imports) have no timeouts.
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
"""Seconds between two checks of the time while psycopg waits; psycopg's default."""
CONNECT_TIMEOUT = 3
"""Seconds to connect, for each address of the server."""
POOL_TIMEOUT = 3.0
"""Seconds that a request waits for a session of the pool."""
LIVENESS_TIMEOUT = 2.0
"""Seconds in which a session of the pool must answer before it is handed out."""

CLIENT_KEEPALIVE = {
    "connect_timeout": CONNECT_TIMEOUT,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""libpq's parameters, in (milli)seconds. With them this side notices within eleven seconds that the server is gone."""
SERVER_KEEPALIVE = {
    "tcp_keepalives_idle": "5s",
    "tcp_keepalives_interval": "2s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
}
"""The same for the server's side. They have no effect on a Unix socket."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a session waits, in seconds.

    Attributes:
        lock: the server's wait for a lock.
        statement: the server's time for a statement.
        idle: the server's wait for the next statement of a transaction.
        answer: this side's wait for the answer to a statement; longer than the others.
    """

    lock: float
    statement: float
    idle: float
    answer: float

    def as_settings(self) -> dict[str, str]:
        """The server's settings."""
        return {
            "lock_timeout": f"{self.lock * 1000:.0f}ms",
            "statement_timeout": f"{self.statement * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{self.idle * 1000:.0f}ms",
        }


SERVING = Timeouts(lock=3.0, statement=4.0, idle=4.0, answer=5.0)
"""The timeouts of a server process. A proxy waits longer for the answer (deploy/nginx.conf)."""
LONG_RUNNING = Timeouts(lock=60.0, statement=300.0, idle=60.0, answer=330.0)
"""The timeouts of a long transaction in a server process, such as staff's work on a whole season."""

_timeouts: Timeouts | None = None


class TimedOut(psycopg.OperationalError):
    """The server has not answered in time. The session is closed."""


def set_timeouts(timeouts: Timeouts | None = SERVING) -> None:
    """Set the timeouts of the sessions that this process will open; None for no timeouts."""
    global _timeouts
    _timeouts = timeouts


class Connection(psycopg.Connection[Any]):
    """psycopg's session with these keepalives and timeouts. The pool consists of such sessions.

    Attributes:
        answer_timeout: seconds that it waits for an answer; None for no limit.
    """

    answer_timeout: float | None = None

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """Open a session, as in psycopg, and set its keepalives and timeouts."""
        session = super().connect(conninfo, **options)
        session.answer_timeout = CONNECT_TIMEOUT
        session.execute(*_set(SERVER_KEEPALIVE | (_timeouts.as_settings() if _timeouts else {})))
        session.answer_timeout = _timeouts.answer if _timeouts else None
        return session

    def execute(self, query: Any, *args: Any, **options: Any) -> psycopg.Cursor[Any]:
        """Execute a query, as in psycopg. The pool tests a session by an empty query, which has a shorter timeout."""
        answer_timeout = self.answer_timeout
        if query == "" and answer_timeout is not None:
            self.answer_timeout = min(answer_timeout, LIVENESS_TIMEOUT)
        try:
            return super().execute(query, *args, **options)
        finally:
            self.answer_timeout = answer_timeout

    def wait(self, gen: PQGen[RV], interval: float = WAIT_INTERVAL, timeout: float | None = None) -> RV:
        """Wait for an answer, as in psycopg, but not longer than `answer_timeout`.

        Raises:
            TimedOut: the answer has not come in time.
        """
        if timeout is not None or self.answer_timeout is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_timeout)
        except errors._WaitTimeout as error:
            abort(self)
            raise TimedOut("no answer in time") from error


class AsyncConnection(psycopg.AsyncConnection[Any]):
    """psycopg's session for coroutines, with the same limit.

    Attributes:
        answer_timeout: seconds that it waits for an answer; None for no limit.
    """

    answer_timeout: float | None = None

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = WAIT_INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> RV:
        """Wait for an answer, but not longer than `answer_timeout`.

        Raises:
            TimedOut: the answer has not come in time.
        """
        if timeout is not None or self.answer_timeout is None:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(gen, interval, self.answer_timeout)
        except errors._WaitTimeout as error:
            abort(self)
            raise TimedOut("no answer in time") from error


def abort(session: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Close a session at once. The system drops the bytes that it has not sent yet, perhaps a COMMIT."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(session.pgconn.socket)) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.pgconn.finish()


def open_session(answer_timeout: float) -> Connection:
    """Open a session to the default database, outside of the pool and in autocommit mode.

    Args:
        answer_timeout: seconds that it waits for each answer.

    Raises:
        psycopg.OperationalError: the session cannot be opened.
    """
    session = Connection.connect(**parameters(), autocommit=True)
    session.answer_timeout = answer_timeout
    return session


async def open_async_session(answer_timeout: float) -> AsyncConnection:
    """Open such a session for coroutines.

    Args:
        answer_timeout: seconds that it waits for each answer.

    Raises:
        psycopg.OperationalError: the session cannot be opened.
    """
    session = await AsyncConnection.connect(**parameters(), autocommit=True)
    session.answer_timeout = answer_timeout
    try:
        await session.execute(*_set(SERVER_KEEPALIVE))
    except BaseException:
        abort(session)
        raise
    return session


def parameters() -> dict[str, Any]:
    """The parameters with which psycopg opens a session to the default database, outside of the pool."""
    found = dict(connections[DEFAULT_DB_ALIAS].get_connection_params())
    for internal in ("pool", "cursor_factory", "context"):
        found.pop(internal, None)
    return found


@contextlib.contextmanager
def long_transaction() -> Iterator[None]:
    """A transaction that may take minutes, also in a server process."""
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
    """A statement that sets parameters, and its arguments.

    Args:
        values: the parameters.
        local: whether they hold for the transaction alone.
    """
    calls = ", ".join(["set_config(%s, %s, %s)"] * len(values))
    return f"SELECT {calls}", [argument for name, value in values.items() for argument in (name, value, local)]
