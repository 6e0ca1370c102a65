"""Whether a session of PostgreSQL is one session.

A connection pooler in transaction mode (PgBouncer's `pool_mode = transaction`) gives each transaction whichever
session is free. Advisory locks are then held by nobody in particular, so that two lead at once, and notifications
go to whoever has the session. Nothing says so by itself.
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
"""Seconds that the database may take for an answer."""


class TransactionPooling(psycopg.OperationalError):
    """The sessions are a pooler's, which hands them on after each transaction."""


def require_own_session(session: psycopg.Connection) -> None:
    """Raise unless a session stays the same from one transaction to the next.

    Args:
        session: in autocommit.

    Raises:
        TransactionPooling: it does not.
        psycopg.Error: the database cannot be asked.
    """
    number = _backend_pid(session)
    if number == session.info.backend_pid:
        return  # the server itself made the session
    # Something has made it in its place. Another's open transaction takes the server's session that was used last.
    with sessions.open_session(ANSWER_TIMEOUT) as other:
        try:
            other.execute("BEGIN")
            other.execute("SELECT 1")
            same = _backend_pid(session) == number
        except (sessions.TimedOut, errors.ProtocolViolation):
            same = False  # there is but one, and the other has it; or there are no transactions at all
        other.close()
    if not same:
        raise TransactionPooling(PROBLEM)


def is_transaction_pooled() -> bool:
    """Whether a pooler in transaction mode stands before the default database.

    Raises:
        psycopg.Error: the database cannot be asked.
    """
    try:
        with sessions.open_session(ANSWER_TIMEOUT) as session:
            require_own_session(session)
    except TransactionPooling:
        return True
    return False


def refuse_pooler() -> None:
    """End a command that would serve behind such a pooler. A database that is away is waited for later.

    Raises:
        CommandError: it stands there.
    """
    if connection.vendor != "postgresql":
        return
    with suppress(psycopg.Error):
        if is_transaction_pooled():
            raise CommandError(f"{PROBLEM} {REMEDY}")


def _backend_pid(session: psycopg.Connection) -> int:
    """The server's process that answers."""
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
