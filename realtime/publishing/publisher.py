"""Publishing: from dirty streams to numbered changes.

One change takes these steps:

1. Take the oldest dirty streams, and add the streams that are affected by them.
2. Read their published states and project their rows, all from one snapshot of the database.
3. Where the two differ, make the merge patch. It is the change from `seq` to `seq + 1`.
4. Store each new state by compare-and-swap: only if the stream's `seq` is still the one that was read.
5. Delete the dirty streams that were taken, and hand the publications to the relay.

Why this is right, although no lock is held while reading:

- *No gap and no double in the numbering.* Of several publishers that read `seq`, one alone stores `seq + 1`. The
  others read again.
- *A later number never carries an older state.* The document and the `seq` that it replaces are from the same
  snapshot. If a newer state has been published since, the `seq` has moved, and storing fails.
- *Nothing is forgotten.* The dirty streams go last. Where a process is killed before, the next one does the
  work again and finds no difference for what is stored already. A write that commits after the snapshot was read
  has a dirty stream of its own, which was not taken.
- *Nobody waits.* A publisher that is overtaken has lost the work of one read.

Only the message to the hubs can be lost. They find that out by the stored heads (`realtime.delivery.hub`).
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
"""Dirty streams taken at a time: enough to merge a burst."""


def publish_dirty(limit: int = BATCH_SIZE) -> tuple[list[Publication], bool]:
    """Publish the streams that have been dirty for longest.

    Args:
        limit: how many rows to take.

    Returns:
        The publications, and whether more dirty streams may be waiting.
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
    """The committed state of one stream, as `snapshots` has it.

    Raises:
        ValueError: the name belongs to no declared type.
    """
    return snapshots((stream,))[0]


def snapshots(streams: Sequence[str]) -> list[Mirror]:
    """The committed states of streams, each with its position. Changes that are pending are published first.

    So REST and the socket agree on the document and on its `seq`.

    Args:
        streams: names of streams of declared types.

    Returns:
        The states, in the order of the names. A document is None where the stream has no projection.

    Raises:
        ValueError: a name belongs to no declared type.
    """
    for stream in streams:
        if stream_type_of(stream) is None:
            raise ValueError(f"{stream!r} is no stream of a declared type")
    states = PublishedState.objects.in_bulk(set(streams))
    documents = project(set(streams))
    # A stream that nobody has read before has no row, and publishers skip it. The row is made first, with seq 0.
    # Once that is committed, publishers heed the stream's dirty rows. So a write between the read below and the
    # storing is published by one of them, and cannot be missed.
    unknown = {stream for stream in streams if stream not in states and documents[stream] is not None}
    if unknown:
        rows = [PublishedState(stream=stream, epoch=secrets.token_hex(8)) for stream in sorted(unknown)]
        PublishedState.objects.bulk_create(rows, ignore_conflicts=True)
    # Pending is what was never published, and what a write has changed since. The reads above are not from one
    # snapshot. They decide only which streams are looked at again, from one snapshot, below.
    pending = unknown | {
        stream for stream, state in states.items() if not state.seq or documents[stream] != state.document
    }
    if pending:
        with _consistent_read():
            changes = _find_changes(pending)
        publications = _store_changes(changes)
        transaction.on_commit(lambda: wakeup.forward(publications))
        states |= PublishedState.objects.in_bulk(pending)
    nothing = PublishedState(epoch="", seq=0, document=None)
    found = [states.get(stream, nothing) for stream in streams]
    return [Mirror(state.epoch, state.seq, state.document) for state in found]


def project(streams: Iterable[str]) -> dict[str, Any]:
    """The projections of streams, as the database has them now.

    Args:
        streams: their names; those of no declared type are left out.

    Returns:
        The documents by stream. A document is None where there is no projection.
    """
    return {
        STREAM_TYPES[name].stream(key): document
        for name, keys in _keys_by_type(streams).items()
        for key, document in STREAM_TYPES[name].project(keys).items()
    }


def _keys_by_type(streams: Iterable[str]) -> dict[str, set[str]]:
    """The keys of streams, by the names of their types."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for stream in streams:
        if (stream_type := stream_type_of(stream)) is not None:
            keys[stream_type.name].add(stream_type.key_of(stream))
    return keys


def _with_affected(dirty: set[str]) -> set[str]:
    """Dirty streams, and the further streams that show the same rows."""
    found = set(dirty)
    for name, keys in _keys_by_type(dirty).items():
        for affected in STREAM_TYPES[name].affected:
            found.update(affected(keys))
    return found


def _find_changes(streams: Collection[str]) -> list[tuple[Publication, Any]]:
    """The changes that these streams need, each with the document that it leads to.

    A stream without a published state is skipped: nobody has read it yet.
    """
    states = list(PublishedState.objects.filter(pk__in=streams).order_by("pk"))
    documents = project(state.stream for state in states)
    found = []
    for state in states:
        document = documents[state.stream]
        if state.seq and document == state.document:
            continue
        changes = None if document is None else diff(state.document, document)
        publication = Publication(state.stream, state.epoch, state.seq + 1, state.seq, changes, clock.time())
        found.append((publication, document))
    return found


def _store_changes(changes: list[tuple[Publication, Any]]) -> list[Publication]:
    """Store changes by compare-and-swap. Where another publisher was first, find the change again.

    Returns:
        The publications of this call.
    """
    published = []
    while changes:
        conflicting = []
        with transaction.atomic():
            for change, document in changes:  # by name, so that two publishers cannot lock each other out
                # The comparison and the swap are one UPDATE: it matches no row if the epoch or the seq has moved.
                state = PublishedState.objects.filter(pk=change.stream, epoch=change.epoch, seq=change.prev)
                if state.update(seq=change.seq, document=document, published_at=Now()):
                    published.append(change)
                else:
                    conflicting.append(change.stream)
        if not conflicting:
            break
        # Another publisher has moved these streams on. What it stored may be less than what is committed by now,
        # so the difference is taken again, from a snapshot that contains its work. Each round costs another
        # publisher's success, so this comes to an end when the writes do.
        with _consistent_read():
            changes = _find_changes(conflicting)
    return published


@contextmanager
def _consistent_read() -> Iterator[None]:
    """A block whose reads see one snapshot of the database. It may contain reads only."""
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
