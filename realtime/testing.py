"""For the tests of applications: is every published state what the database now says?

A projection may only read tables that are watched for its stream. Otherwise a write changes the
projection, no stream becomes dirty, and clients keep the old state. Two questions find that::

    def test_a_rename_is_pushed():
        snapshot("user_1")                                    # from here on it is published
        User.objects.filter(pk="1").update(trainer_name="Ann")
        published()                                           # as the relay would
        assert stale() == []                                  # of all streams, also those not thought of

    def test_the_projection_reads_watched_tables():
        assert tables_read(USER, ["1"]) <= tables_watched(USER)

A third one holds a projection against its document::

    assert misfits("user_1", fresh("user_1")) == []
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec
from django.db import connection

from realtime.models import PublishedState
from realtime.publishing.publication import Publication
from realtime.publishing.publisher import project, publish_dirty
from realtime.schemas import complete
from realtime.streams import STREAM_TYPES, Document, StreamType, stream_type_of
from realtime.triggers import WATCHED


def published() -> list[Publication]:
    """Publish all that is dirty, as a relay would.

    Returns:
        What was published, in its order.
    """
    publications, more = publish_dirty()
    while more:
        further, more = publish_dirty()
        publications += further
    return publications


def fresh(stream: str) -> Any:
    """The projection as the database has it now, whatever was published.

    Args:
        stream: the name of a stream of a declared type.

    Returns:
        The document; None where there is none.
    """
    return project((stream,))[stream]


def stale() -> list[str]:
    """The published streams whose published state is not what a fresh projection gives; sorted.

    A stream counts as published from its first read on. A dirty stream is stale until it is
    published, so call `published` before.
    """
    states = dict(PublishedState.objects.values_list("stream", "document"))
    documents = project(states)
    return sorted(stream for stream, document in documents.items() if document != states[stream])


def misfits(stream: str, document: Document) -> list[str]:
    """The fields of a projection that its type's document does not have, and one that is of another type.

    Args:
        stream: the name of a stream of a declared type.
        document: a projection of it.

    Raises:
        ValueError: the name belongs to no declared type.
    """
    stream_type = stream_type_of(stream)
    if stream_type is None:
        raise ValueError(f"{stream!r} is no stream of a declared type")
    declared = complete(document, stream_type.document)
    found = sorted(_lost(document, declared))
    try:
        msgspec.convert(declared, stream_type.document)
    except msgspec.ValidationError as error:
        found.append(str(error))
    return found


def tables_read(stream_type: StreamType, keys: Collection[str]) -> set[str]:
    """The tables that the projections of these keys read, seen in the queries that are made.

    A query that is not made is not seen, so the rows should be such that each part has something to show.

    Args:
        stream_type: the stream type.
        keys: the keys of streams that there are; `[""]` for a single stream.
    """
    tables = set(connection.introspection.table_names(include_views=True))
    queries: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        queries.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        stream_type.project(keys)
    return {word for sql in queries for word in _WORD.findall(_STRING.sub("", sql)) if word in tables}


def tables_watched(stream_type: StreamType) -> set[str]:
    """The tables in which a write makes the publisher look at streams of this type.

    Those are the tables whose triggers name such a stream, and those whose triggers name one of
    another type that also affects such a stream (`also_affects`, asked about all published streams).
    """
    by_type: dict[str, set[str]] = defaultdict(set)
    for model, streams in WATCHED.items():
        for stream in streams:
            # The pattern "user_{user_id}" reads as a name whose key is "{user_id}".
            if (named := stream_type_of(stream)) is not None:
                by_type[named.name].add(model._meta.db_table)
    sources = {stream_type.name} | {
        other.name for other in STREAM_TYPES.values() if stream_type.name in _types_affected_by(other)
    }
    return set().union(*(by_type[name] for name in sources))


def _lost(value: Any, declared: Any, path: str = "") -> Iterator[str]:
    """The paths of values that are not in what was made of a document by its declaration."""
    if isinstance(value, dict) and isinstance(declared, dict):
        for name, inner in value.items():
            yield from _lost(inner, declared.get(name), f"{path}.{name}" if path else name)
    elif isinstance(value, list) and isinstance(declared, list):
        for inner, other in zip(value, declared, strict=True):
            yield from _lost(inner, other, f"{path}[]")
    elif value != declared:
        yield path


def _types_affected_by(stream_type: StreamType) -> set[str]:
    """The names of the types whose streams the published streams of this type also affect."""
    names = PublishedState.objects.values_list("stream", flat=True)
    keys = {stream_type.key_of(stream) for stream in names if stream_type_of(stream) is stream_type}
    further = [stream for affected in stream_type.affected for stream in affected(keys)] if keys else []
    return {reached.name for stream in further if (reached := stream_type_of(stream)) is not None}


_STRING = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"\w+")
"""Any word of a query that is a table's name counts as that table, quoted or not: in a join, a subquery, raw SQL."""
