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

WORDS = (
    "A connection pooler in transaction mode stands before the database: two would lead at once, and changes be lost."
)
REMEDY = "Name PostgreSQL itself in DATABASE_URL, or set pool_mode = session. The service has a pool (DATABASE_POOL)."
PATIENCE = 2.0
"""Seconds that the database may take for an answer."""


class Shared(psycopg.OperationalError):
    """The sessions are a pooler's, which hands them on after each transaction."""


def refuse(session: psycopg.Connection) -> None:
    """Raise unless a session stays the same from one transaction to the next.

    Args:
        session: in autocommit.

    Raises:
        Shared: it does not.
        psycopg.Error: the database cannot be asked.
    """
    number = _number(session)
    if number == session.info.backend_pid:
        return  # the server itself made the session
    # Something has made it in its place. Another's open transaction takes the server's session that was used last.
    with sessions.open_session(PATIENCE) as other:
        try:
            other.execute("BEGIN")
            other.execute("SELECT 1")
            same = _number(session) == number
        except (sessions.TimedOut, errors.ProtocolViolation):
            same = False  # there is but one, and the other has it; or there are no transactions at all
        other.close()
    if not same:
        raise Shared(WORDS)


def is_shared() -> bool:
    """Whether a pooler in transaction mode stands before the default database.

    Raises:
        psycopg.Error: the database cannot be asked.
    """
    try:
        with sessions.open_session(PATIENCE) as session:
            refuse(session)
    except Shared:
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
        if is_shared():
            raise CommandError(f"{WORDS} {REMEDY}")


def _number(session: psycopg.Connection) -> int:
    """The server's process that answers."""
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0
