"""Recording which streams are dirty, by database triggers.

A trigger on each watched table writes the names of the row's streams into the outbox (`DirtyStream`). It does so
in the transaction of the write. Two things follow. A row of the outbox is rolled back with its write, to a
savepoint as well. And no writer can bypass it: `save`, `F()`, `update_fields`, `QuerySet.update`, bulk
operations, `loaddata`, the admin and raw SQL all run the trigger.

Triggers are installed after every `migrate`, since SQLite drops them whenever Django remakes a table. Triggers of
tables that are not watched any more are dropped. The signals `post_save` and `post_delete` only make the publisher
look sooner (`realtime.publishing.wakeup`).
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.db import connections, models, transaction
from django.db.models.signals import post_delete, post_save

from realtime.models import DirtyStream, PublishedState
from realtime.publishing import wakeup

WATCHED: dict[type[models.Model], tuple[str, ...]] = {}


def watch(model: type[models.Model], *streams: str) -> None:
    """Make streams dirty whenever a row of `model` is inserted, updated or deleted, by any means.

    A second call for the same model adds its streams to those of the first.

    Args:
        model: the model whose table is watched.
        *streams: stream names; one `{column}` in a name stands for that column's value in the row,
            for example `"user_{user_id}"`. A row in which the column is NULL makes nothing dirty.
    """
    WATCHED[model] = tuple(dict.fromkeys((*WATCHED.get(model, ()), *streams)))
    for signal in (post_save, post_delete):
        signal.connect(wakeup.on_write, sender=model, dispatch_uid="realtime.publishing.wakeup")


def split(stream: str) -> tuple[str, str, str]:
    """Split a name given to `watch` into the text before the column, the column, and the text after it."""
    prefix, _, rest = stream.partition("{")
    column, _, suffix = rest.partition("}")
    return prefix, column, suffix


def install(app_config: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every watched table that exists, and drop all others. A `post_migrate` receiver.

    A table may have been written to while it had no trigger, or one that made other streams dirty. Then every
    published stream becomes dirty. Each table's triggers are replaced in one transaction, so that no write of a
    running worker falls between the old ones and the new.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if not {DirtyStream._meta.db_table, PublishedState._meta.db_table} <= tables:
        return
    with connection.cursor() as cursor:
        installed = _installed(cursor, connection.vendor)
        is_changed = False
        for model, streams in WATCHED.items():
            table = model._meta.db_table
            if table in tables and (app_config is None or model._meta.app_label == app_config.label):
                triggers = _TRIGGERS[connection.vendor](table, streams)
                is_changed |= not triggers.items() <= installed.items()
                with transaction.atomic(using):
                    for (name, _), text in triggers.items():
                        _create(cursor, connection.vendor, name, table, text)
        if app_config is None or app_config.label == DirtyStream._meta.app_label:
            wanted = {
                trigger
                for model, streams in WATCHED.items()
                for trigger in _TRIGGERS[connection.vendor](model._meta.db_table, streams)
            }
            _drop(cursor, connection.vendor, installed.keys() - wanted)
        if is_changed:
            DirtyStream.objects.using(using).bulk_create(DirtyStream(stream=name) for name in _published(using))


def _published(using: str) -> list[str]:
    return list(PublishedState.objects.using(using).values_list("stream", flat=True))


def drop_before_migrating(plan: Any = (), using: str = "default", **kwargs: Any) -> None:
    """On SQLite, drop the triggers before tables change. A `pre_migrate` receiver.

    SQLite refuses to drop a column, or to remake a table, that a trigger names. PostgreSQL does not look into
    the functions of triggers.

    Args:
        plan: the migrations that are about to run.
        using: the database's alias.
    """
    connection = connections[using]
    if plan and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            _drop(cursor, connection.vendor, _installed(cursor, connection.vendor))


def _installed(cursor: Any, vendor: str) -> dict[tuple[str, str], str]:
    """Our triggers in the database: {(name, table): text}."""
    cursor.execute(_INSTALLED[vendor])
    return {(name, table): text for name, table, text in cursor.fetchall()}


def _create(cursor: Any, vendor: str, name: str, table: str, text: str) -> None:
    """Create or replace a trigger. `text` is all of it on SQLite, and the body of its function on PostgreSQL."""
    if vendor == "sqlite":
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        cursor.execute(text)
    else:
        cursor.execute(f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $${text}$$')
        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
        cursor.execute(
            f'CREATE TRIGGER "{name}" AFTER INSERT OR UPDATE OR DELETE ON "{table}"'
            f' FOR EACH ROW EXECUTE FUNCTION "{name}"()'
        )


def _drop(cursor: Any, vendor: str, triggers: Iterable[tuple[str, str]]) -> None:
    for name, table in triggers:
        if vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        else:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
            cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')


def _values(streams: Iterable[str], row: str, form: str) -> list[str]:
    """SELECTs of the names of the streams of `row` (OLD or NEW). `form` is the SQL that reads a column."""
    selects = []
    for stream in streams:
        prefix, column, suffix = split(stream)
        if not column:
            selects.append(f"SELECT '{stream}'")
        else:
            value = form.format(row=row, column=column)
            selects.append(f"SELECT '{prefix}' || {value} || '{suffix}' WHERE {value} IS NOT NULL")
    return selects


def _insert(streams: tuple[str, ...], form: str, *rows: str) -> str:
    """One INSERT into the outbox. UNION drops names that both rows share."""
    selects = " UNION ".join(select for row in rows for select in _values(streams, row, form))
    return f'INSERT INTO "{DirtyStream._meta.db_table}" ("stream") {selects};'


def _sqlite(table: str, streams: tuple[str, ...]) -> dict[tuple[str, str], str]:
    triggers = {}
    for event, rows in (("insert", ("NEW",)), ("update", ("OLD", "NEW")), ("delete", ("OLD",))):
        name, statement = f"realtime_{table}_{event}", _insert(streams, _COLUMN, *rows)
        triggers[name, table] = f'CREATE TRIGGER "{name}" AFTER {event.upper()} ON "{table}" BEGIN {statement} END'
    return triggers


def _postgresql(table: str, streams: tuple[str, ...]) -> dict[tuple[str, str], str]:
    body = f"""
        BEGIN
            IF TG_OP = 'INSERT' THEN {_insert(streams, _FIELD, "NEW")}
            ELSIF TG_OP = 'DELETE' THEN {_insert(streams, _FIELD, "OLD")}
            ELSIF OLD IS DISTINCT FROM NEW THEN {_insert(streams, _FIELD, "OLD", "NEW")}
            ELSE RETURN NULL;
            END IF;
            PERFORM pg_notify('{wakeup.CHANNEL}', '');
            RETURN NULL;
        END
    """
    return {(f"realtime_{table}_mark", table): body}


_COLUMN = '{row}."{column}"'
_FIELD = "(to_jsonb({row}) ->> '{column}')"
"""Reads a column that a migration has removed as NULL. To name the column would fail every write between that migration
and the next `install`: writes of running workers and of later migrations."""
_INSTALLED = {
    "sqlite": r"""
        SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'realtime\_%' ESCAPE '\'
        AND (name LIKE '%\_insert' ESCAPE '\' OR name LIKE '%\_update' ESCAPE '\' OR name LIKE '%\_delete' ESCAPE '\')
    """,
    "postgresql": r"""
        SELECT tgname, relname, prosrc FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND tgname LIKE 'realtime\_%\_mark' AND relnamespace = current_schema()::regnamespace
    """,
}
_TRIGGERS = {"sqlite": _sqlite, "postgresql": _postgresql}
"""By vendor, the triggers that a watched table needs: {(name, table): text}."""
