"""Detecting a connection pooler in transaction mode, behind which this service cannot work.

Such a pooler (PgBouncer's `pool_mode = transaction`) runs each transaction in any session of the server that is free.
An advisory lock then stays with a session that others use, so two processes may lead at once. Notifications reach
the wrong client. Neither causes an error by itself.
"""

from contextlib import suppress

import psycopg
from django.core.management.base import CommandError
from django.db import connection
from psycopg import errors

from realtime.database import sessions

PROBLEM = (
    "A connection pooler in transaction mode stands before the database: two would lead at once, and changes be lost."
)
REMEDY = "Name PostgreSQL itself in DATABASE_URL, or set pool_mode = session. The service has a pool (DATABASE_POOL)."
ANSWER_TIMEOUT = 2.0
"""Seconds that the database may take to answer."""


class TransactionPooling(psycopg.OperationalError):
    """A pooler in transaction mode stands before the database."""


def require_own_session(session: psycopg.Connection) -> None:
    """Make sure that a session keeps its server process from one transaction to the next.

    Args:
        session: a session in autocommit mode.

    Raises:
        TransactionPooling: it does not keep it.
        psycopg.Error: the database does not answer.
    """
    number = _backend_pid(session)
    if number == session.info.backend_pid:
        return  # the process that answers is the one that the session was opened with: no pooler
    # There is a pooler. To find its mode, take away the server process that has just answered: a pooler in transaction
    # mode gives the next transaction the process that was used last. In session mode each session keeps its own.
    with sessions.open_session(ANSWER_TIMEOUT) as other:
        try:
            other.execute("BEGIN")
            other.execute("SELECT 1")
            same = _backend_pid(session) == number
        except (sessions.TimedOut, errors.ProtocolViolation):
            same = False  # the pool has one process, and the other session has it; or the mode forbids transactions
        other.close()
    if not same:
        raise TransactionPooling(PROBLEM)


def is_transaction_pooled() -> bool:
    """Whether a pooler in transaction mode stands before the default database.

    Raises:
        psycopg.Error: the database does not answer.
    """
    try:
        with sessions.open_session(ANSWER_TIMEOUT) as session:
            require_own_session(session)
    except TransactionPooling:
        return True
    return False


def refuse_pooler() -> None:
    """End a command that would serve behind such a pooler. A database that does not answer is no reason to end.

    Raises:
        CommandError: such a pooler stands before the database.
    """
    if connection.vendor != "postgresql":
        return
    with suppress(psycopg.Error):
        if is_transaction_pooled():
            raise CommandError(f"{PROBLEM} {REMEDY}")


def _backend_pid(session: psycopg.Connection) -> int:
    """The id of the server process that answers."""
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
