"""The database refuses to change the audit log, whoever asks: entries are added and nothing else.

On PostgreSQL nothing is deleted either, but for the emptying of whole tables. SQLite, on which the
project is tried out and tested, knows no such emptying but deletion, so that it must be let.
"""

from typing import Any

from django.db import connections

from staff.models import AuditEntry

_SQLITE = (
    'DROP TRIGGER IF EXISTS "{table}_append_only"',
    'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE ON "{table}" BEGIN SELECT RAISE(ABORT, \'{refusal}\'); END',
)
_POSTGRESQL = (
    'CREATE OR REPLACE FUNCTION "{table}_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$'
    " BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"',
    'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}"'
    ' FOR EACH ROW EXECUTE FUNCTION "{table}_append_only"()',
)
_STATEMENTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


def install(using: str = "default", **kwargs: Any) -> None:
    """Create the trigger, if the table is there; a `post_migrate` receiver."""
    connection, table = connections[using], AuditEntry._meta.db_table
    if table not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _STATEMENTS[connection.vendor]:
            cursor.execute(statement.format(table=table, refusal="the audit log is append-only"))
