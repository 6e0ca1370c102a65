"""Publishing: from marks of what changed to numbered changes of streams.

One change takes this way::

    marks ── expand to streams ── read heads and project rows, all of one moment
          ── diff with what was last published ── store as seq + 1, if the head is still where it was
          ── delete the marks ── Publication

No lock is held while reading. Storing compares and swaps: whoever finds that the head has moved
since the moment of reading looks again. So a stream's numbering has no gaps and no doubles, a later
number never carries an older state, and of several publishers none waits for or fails another.
What is killed in between is done again, since the marks go last. Only what a `Publication` carries
onwards can be lost, and the hubs repair that from the heads.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from realtime import metrics
from realtime.database import clock
from realtime.models import DirtyStream, PublishedState
from realtime.protocol import Mirror, diff
from realtime.publishing import wakeup
from realtime.publishing.publication import Publication
from realtime.streams import STREAM_TYPES, stream_type_of

BATCH_SIZE = 500
"""Marks taken at a time: enough to merge a burst."""


def publish_dirty(limit: int = BATCH_SIZE) -> tuple[list[Publication], bool]:
    """Publish what the oldest marks point at.

    Args:
        limit: how many marks to take.

    Returns:
        The publications, and whether further marks may be waiting.
    """
    with _consistent_read():
        taken = list(DirtyStream.objects.order_by("pk").values_list("pk", "stream", "marked_at")[:limit])
        changes = _find_changes(_with_affected({stream for _, stream, _ in taken})) if taken else []
    publications = _store_changes(changes)
    if taken:
        DirtyStream.objects.filter(pk__in=[pk for pk, *_ in taken]).delete()
        metrics.published((publication.stream for publication in publications), taken)
    return publications, len(taken) == limit


def snapshot(stream: str) -> Mirror:
    """The committed state of a stream; see `snapshots`."""
    return snapshots((stream,))[0]


def snapshots(streams: Sequence[str]) -> list[Mirror]:
    """The committed state of streams with their positions, publishing first what is not yet published.

    So what REST answers and what the socket has pushed agree to the number.

    Args:
        streams: names of streams of declared types.

    Returns:
        Their states, in their order; the document of one is None where there is none.

    Raises:
        ValueError: a name belongs to no declared type.
    """
    for stream in streams:
        if stream_type_of(stream) is None:
            raise ValueError(f"{stream!r} is no stream of a declared type")
    heads = PublishedState.objects.in_bulk(set(streams))
    documents = _project(set(streams))
    unknown = {stream for stream in streams if stream not in heads and documents[stream] is not None}
    if unknown:
        # Committed before the projection is read: from here on no publisher passes the stream's
        # marks over as nobody's, so nothing can change between the reading and the storing unseen.
        made = [PublishedState(stream=stream, epoch=secrets.token_hex(8)) for stream in sorted(unknown)]
        PublishedState.objects.bulk_create(made, ignore_conflicts=True)
    pending = unknown | {stream for stream, head in heads.items() if not head.seq or documents[stream] != head.document}
    if pending:
        with _consistent_read():
            changes = _find_changes(pending)
        publications = _store_changes(changes)
        transaction.on_commit(lambda: wakeup.forward(publications))
        heads |= PublishedState.objects.in_bulk(pending)
    nothing = PublishedState(epoch="", seq=0, document=None)
    found = [heads.get(stream, nothing) for stream in streams]
    return [Mirror(head.epoch, head.seq, head.document) for head in found]


def _with_affected(marked: set[str]) -> set[str]:
    """The marked streams and those that show the same state."""
    by_type: dict[str, set[str]] = defaultdict(set)
    for stream in marked:
        if (stream_type := stream_type_of(stream)) is not None:
            by_type[stream_type.name].add(stream_type.key_of(stream))
    found = set(marked)
    for name, keys in by_type.items():
        for affected in STREAM_TYPES[name].affected:
            found.update(affected(keys))
    return found


def _find_changes(streams: Collection[str]) -> list[tuple[Publication, Any]]:
    """What there is to publish of these streams, and the documents that it leads to.

    Streams without a head are passed over: nobody has asked for them yet.
    """
    heads = list(PublishedState.objects.filter(pk__in=streams).order_by("pk"))
    documents = _project(head.stream for head in heads)
    found = []
    for head in heads:
        document = documents[head.stream]
        if head.seq and document == head.document:
            continue
        changes = None if document is None else diff(head.document, document)
        publication = Publication(head.stream, head.epoch, head.seq + 1, head.seq, changes, clock.time())
        found.append((publication, document))
    return found


def _store_changes(changes: list[tuple[Publication, Any]]) -> list[Publication]:
    """Store what was found, in one transaction; what another has published meanwhile is looked at again.

    Returns:
        What was published by this call.
    """
    published = []
    while changes:
        conflicting = []
        with transaction.atomic():
            for change, document in changes:
                head = PublishedState.objects.filter(pk=change.stream, epoch=change.epoch, seq=change.prev)
                if head.update(seq=change.seq, document=document, published_at=Now()):
                    published.append(change)
                else:
                    conflicting.append(change.stream)
        if not conflicting:
            break
        # One who is conflicting has been conflicting by a publication, so this comes to an end.
        with _consistent_read():
            changes = _find_changes(conflicting)
    return published


def _project(streams: Iterable[str]) -> dict[str, Any]:
    by_type: dict[str, list[str]] = defaultdict(list)
    for stream in streams:
        if (stream_type := stream_type_of(stream)) is not None:
            by_type[stream_type.name].append(stream_type.key_of(stream))
    return {
        STREAM_TYPES[name].stream(key): document
        for name, keys in by_type.items()
        for key, document in STREAM_TYPES[name].project(keys).items()
    }


@contextmanager
def _consistent_read() -> Iterator[None]:
    """A block whose reads, and there may be nothing else in it, see one moment of the database."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # `atomic` would take the write lock
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
