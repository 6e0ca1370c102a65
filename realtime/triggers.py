"""Marking what changed, in the database itself.

A trigger on each watched table writes the names of the streams that a row belongs to into the
outbox (`Mark`), in the transaction of the write. So a mark is rolled back with its write (to a
savepoint as well), and no writer can go past it: `save`, `F()`, `update_fields`,
`QuerySet.update`, bulk operations, `loaddata`, the admin and raw SQL are all the same to it.

Triggers are installed after every `migrate`, since SQLite drops them whenever Django remakes a
table. `post_save` and `post_delete` only wake the publisher sooner (`realtime.wake`).
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db import connections, models
from django.db.models.signals import post_delete, post_save

from realtime import wake
from realtime.models import Mark

WATCHED: dict[type[models.Model], tuple[str, ...]] = {}
CHANNEL = "realtime_marks"
"""The PostgreSQL notification channel on which a commit with marks is announced."""


def watch(model: type[models.Model], *streams: str) -> None:
    """Mark streams whenever a row of `model` is inserted, updated or deleted, by whatever means.

    Args:
        model: the model whose table is watched.
        *streams: stream names; one `{column}` in a name stands for that column's value in the row,
            for example `"user_{user_id}"`. A row where it is NULL marks nothing.
    """
    WATCHED[model] = streams
    for signal in (post_save, post_delete):
        signal.connect(wake.on_write, sender=model, dispatch_uid="realtime.wake")


def install(app_config: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every watched table that exists; a `post_migrate` receiver."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if Mark._meta.db_table not in tables:
        return
    with connection.cursor() as cursor:
        for model, streams in WATCHED.items():
            if model._meta.db_table in tables and (app_config is None or model._meta.app_label == app_config.label):
                for statement in _STATEMENTS[connection.vendor](model._meta.db_table, streams):
                    cursor.execute(statement)


def _values(streams: Iterable[str], row: str) -> list[str]:
    """SQL SELECTs of the marks for `row` (OLD or NEW)."""
    selects = []
    for stream in streams:
        prefix, _, rest = stream.partition("{")
        column, _, suffix = rest.partition("}")
        if not column:
            selects.append(f"SELECT '{stream}'")
        else:
            selects.append(
                f"SELECT '{prefix}' || {row}.\"{column}\" || '{suffix}' WHERE {row}.\"{column}\" IS NOT NULL"
            )
    return selects


def _insert(streams: tuple[str, ...], *rows: str) -> str:
    """One INSERT into the outbox; UNION drops names that both rows share."""
    selects = " UNION ".join(select for row in rows for select in _values(streams, row))
    return f'INSERT INTO "{Mark._meta.db_table}" ("stream") {selects};'


def _sqlite(table: str, streams: tuple[str, ...]) -> list[str]:
    statements = []
    for event, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
        name = f"realtime_{table}_{event}"
        statements.append(f'DROP TRIGGER IF EXISTS "{name}"')
        statements.append(
            f'CREATE TRIGGER "{name}" AFTER {event.upper()} ON "{table}" BEGIN {_insert(streams, *rows)} END'
        )
    return statements


def _postgresql(table: str, streams: tuple[str, ...]) -> list[str]:
    function = f"realtime_{table}_mark"
    return [
        f"""
        CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {_insert(streams, "NEW")}
            ELSIF TG_OP = 'DELETE' THEN {_insert(streams, "OLD")}
            ELSIF OLD IS DISTINCT FROM NEW THEN {_insert(streams, "OLD", "NEW")}
            ELSE RETURN NULL;
            END IF;
            PERFORM pg_notify('{CHANNEL}', '');
            RETURN NULL;
        END $$
        """,
        f'DROP TRIGGER IF EXISTS "{function}" ON "{table}"',
        f'CREATE TRIGGER "{function}" AFTER INSERT OR UPDATE OR DELETE ON "{table}"'
        f' FOR EACH ROW EXECUTE FUNCTION "{function}"()',
    ]


_STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgresql}
