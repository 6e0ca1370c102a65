"""Triggers that make the audit log append-only: the database refuses changes, whoever makes them.

Two things are allowed. The actor's name is removed when that account is deleted. Old entries are
pruned: on PostgreSQL only in a transaction that has announced it (`pruning`), and only entries older
than it has announced; TRUNCATE of the whole table also works. SQLite has no TRUNCATE, so deletion is
not refused there; SQLite is for trying out and for tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, connections, transaction

from staff.models import AuditEntry

PRUNED_BEFORE = "unitemate.audit_pruned_before"
"""A PostgreSQL setting that holds a time while a transaction prunes, and is empty otherwise."""

_REFUSAL = "the audit log is append-only"
_SQLITE = (
    'DROP TRIGGER IF EXISTS "{table}_append_only"',
    'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE ON "{table}"'
    " WHEN NEW.actor_name <> '' OR {others} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
)
_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION "{table}_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.made_at < nullif(current_setting('{setting}', true), '')::timestamptz THEN RETURN OLD; END IF;
        ELSIF NOT (NEW.actor_name <> '' OR {others}) THEN RETURN NEW;
        END IF;
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"',
    'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}"'
    ' FOR EACH ROW EXECUTE FUNCTION "{table}_append_only"()',
)
_STATEMENTS = {"sqlite": (_SQLITE, "IS NOT"), "postgresql": (_POSTGRESQL, "IS DISTINCT FROM")}


def install(using: str = "default", **kwargs: Any) -> None:
    """Create the trigger, if the table exists; a `post_migrate` receiver."""
    connection, table = connections[using], AuditEntry._meta.db_table
    if table not in connection.introspection.table_names():
        return
    statements, differs = _STATEMENTS[connection.vendor]
    columns = [field.column for field in AuditEntry._meta.concrete_fields if field.column != "actor_name"]
    others = " OR ".join(f'NEW."{column}" {differs} OLD."{column}"' for column in columns)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(table=table, others=others, refusal=_REFUSAL, setting=PRUNED_BEFORE))


@contextmanager
def pruning(before: datetime) -> Iterator[None]:
    """A transaction in which entries from before a time may be deleted."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _say(before.isoformat())
        yield
        if connection.vendor == "postgresql":
            _say("")  # this may be part of a larger transaction


def _say(before: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [PRUNED_BEFORE, before])
