"""Checks of declared streams, and of the way to the database."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection, models

from realtime import triggers
from realtime.database import pooling
from realtime.schemas import fields_of, undecided
from realtime.streams import STREAM_TYPES, Audience, StreamType, stream_type_of


@register()
def declarations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Find stream types that are incomplete or contradictory, and watched tables without a stream type."""
    messages = [
        message
        for stream_type in STREAM_TYPES.values()
        for message in (*_stream_type(stream_type), *_fields(stream_type))
    ]
    messages += [
        Error(
            f"REALTIME_{name.upper()}_PUSH is set, and there is no stream type {name!r}.",
            hint=f"The stream types are {', '.join(STREAM_TYPES)}.",
            id="realtime.E011",
        )
        for name in settings.REALTIME_PUSH.keys() - STREAM_TYPES.keys()
    ]
    return messages + [
        message
        for model, streams in triggers.WATCHED.items()
        for stream in streams
        for message in _watch(model, stream)
    ]


def _stream_type(stream_type: StreamType) -> Iterator[CheckMessage]:
    name = stream_type.name
    is_admitted = stream_type.audience is Audience.ADMITTED
    if not stream_type.contributions:
        yield Error(
            f"The stream type {name!r} has no contribution.", hint="Add one: `@….contributes`.", id="realtime.E002"
        )
    if is_admitted and stream_type.admission is None:
        yield Error(f"Nobody may subscribe to {name!r}.", hint="Say who may: `@….admits`.", id="realtime.E003")
    if not is_admitted and (stream_type.admission or stream_type.stay):
        yield Error(
            f"{name!r} is not for those who are admitted, so `admits` and `may_stay` are never asked.",
            hint="Declare it with Audience.ADMITTED, or remove them.",
            id="realtime.E004",
        )
    if stream_type.refresh is not None and stream_type.audience is not Audience.OWNER:
        yield Error(
            f"{name!r} is not its holders' own, so it says nothing about who they are.",
            hint="Put `@….refresh_identity` on a type with Audience.OWNER.",
            id="realtime.E005",
        )
    if not any(stream_type_of(_example(stream)) is stream_type for one in triggers.WATCHED.values() for stream in one):
        yield Error(
            f"No table is watched for {name!r}, so no change of it would be noticed.",
            hint='Name its tables: `triggers.watch(Model, "…")`.',
            id="realtime.E006",
        )


def _fields(stream_type: StreamType) -> Iterator[CheckMessage]:
    name = stream_type.name
    structs = [contribution.struct for contribution in stream_type.contributions]
    times = Counter(field.name for struct in structs for field in fields_of(struct))
    for field in sorted(field for field, number in times.items() if number > 1):
        yield Error(
            f"Two contributions to {name!r} have the field {field!r}.",
            hint="Rename one of them.",
            id="realtime.E009",
        )
    if stream_type.audience is not Audience.EVERYONE and structs:
        for field in undecided(stream_type.document):
            yield Error(
                f"Nobody has decided whether everybody may see the field {field!r} of {name!r}.",
                hint="Mark its type: Public[…] or Private[…], of `realtime.schemas`.",
                id="realtime.E010",
            )


def _watch(model: type[models.Model], stream: str) -> Iterator[CheckMessage]:
    _, column, _ = triggers.split(stream)
    if stream_type_of(_example(stream)) is None:
        yield Error(
            f"{model._meta.label} is watched for {stream!r}, which is a stream of no declared type.",
            hint="Name a declared type: `name`, or `name_{column}` where it has keys.",
            id="realtime.E007",
        )
    if column and column not in {field.column for field in model._meta.concrete_fields}:
        yield Error(
            f"{model._meta.label} is watched for {stream!r} and has no column {column!r}.",
            hint="A foreign key's column ends in `_id`.",
            id="realtime.E008",
        )


def _example(stream: str) -> str:
    """A name as the trigger might write it."""
    prefix, column, suffix = triggers.split(stream)
    return f"{prefix}{'1' if column else ''}{suffix}"


@register(Tags.security, deploy=True)
def pooler(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Find a pooler in transaction mode. A database that does not answer is not reported here."""
    if connection.vendor != "postgresql":
        return []
    try:
        shared = pooling.is_transaction_pooled()
    except psycopg.Error:
        return []
    return [Error(pooling.PROBLEM, hint=pooling.REMEDY, id="realtime.E001")] if shared else []


@register(Tags.database)
def pooler_before_migrations(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Find such a pooler before `migrate`, which runs the checks that use the database."""
    return pooler(app_configs) if databases else []
