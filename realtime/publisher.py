"""Publishing: from marks of what changed to numbered changes of streams.

One change takes this way::

    marks ── expand to streams ── lock their heads ── project committed rows
          ── diff with what was last published ── seq + 1, store, delete the marks, commit ── Publication

Everything happens in one transaction, so a stream's numbering has no gaps and no doubles
whatever is killed in between; on PostgreSQL it is REPEATABLE READ, so that a projection made of
several queries is of one moment. Only what a `Publication` carries onwards can be lost, and the
hubs repair that from the heads.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from realtime import wake
from realtime.models import Head, Mark
from realtime.protocol import Mirror, diff
from realtime.streams import KINDS, kind_of

T = TypeVar("T")
BATCH = 500
"""Marks taken in one transaction: enough to merge a burst, few enough to hold locks briefly."""
ATTEMPTS = 5
"""Tries of a transaction that PostgreSQL could not serialise."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One published change, on its way to the hubs.

    Attributes:
        stream: the stream's name, which is also its channel-layer group.
        epoch, seq, prev: its position and the one before.
        changes: the merge patch; None when the stream has ended.
        timestamp: Unix seconds of publishing.
    """

    stream: str
    epoch: str
    seq: int
    prev: int
    changes: Any
    timestamp: float

    def as_message(self) -> dict[str, Any]:
        """The channel-layer message."""
        return {
            "type": "stream.update",
            "stream": self.stream,
            "epoch": self.epoch,
            "seq": self.seq,
            "prev": self.prev,
            "changes": self.changes,
            "timestamp": self.timestamp,
        }


def publish_marked(limit: int = BATCH) -> tuple[list[Publication], bool]:
    """Publish what the oldest marks point at.

    Args:
        limit: how many marks to take.

    Returns:
        The publications, and whether further marks may be waiting.
    """
    if not Mark.objects.exists():  # without a transaction: on SQLite one would take the write lock
        return [], False

    def work() -> tuple[list[Publication], bool]:
        marks = Mark.objects.order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            marks = marks.select_for_update(skip_locked=True)
        taken = list(marks.values_list("pk", "stream")[:limit])
        publications = _publish(_expand({stream for _, stream in taken}))
        Mark.objects.filter(pk__in=[pk for pk, _ in taken]).delete()
        return publications, len(taken) == limit

    return _in_one_moment(work)


def current(stream: str) -> Mirror:
    """The committed state of a stream with its position, publishing first what is not yet published.

    So what REST answers and what the socket has pushed agree to the number.

    Args:
        stream: the name of a stream of a declared kind.

    Returns:
        The state; its document is None where there is none.

    Raises:
        ValueError: the name belongs to no declared kind.
    """
    kind = kind_of(stream)
    if kind is None:
        raise ValueError(f"{stream!r} is no stream of a declared kind")
    head = Head.objects.filter(pk=stream).first()
    document = kind.project([kind.key(stream)])[kind.key(stream)]
    if head is not None and head.seq and document == head.document:
        return Mirror(head.epoch, head.seq, head.document)
    if head is None:
        if document is None:
            return Mirror("", 0, None)
        # Committed before the projection is read: from here on no publisher passes the stream's
        # marks over as nobody's, so nothing can change between the reading and the storing unseen.
        Head.objects.get_or_create(pk=stream, defaults={"epoch": secrets.token_hex(8)})
    publications = _in_one_moment(lambda: _publish({stream}))
    transaction.on_commit(lambda: wake.hand_over(publications))
    head = Head.objects.get(pk=stream)
    return Mirror(head.epoch, head.seq, head.document)


def _expand(marked: set[str]) -> set[str]:
    """The marked streams and those that show the same state."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for stream in marked:
        if (kind := kind_of(stream)) is not None:
            by_kind[kind.name].add(kind.key(stream))
    further = {stream for name, keys in by_kind.items() for spread in KINDS[name].spreads_to for stream in spread(keys)}
    return marked | further


def _publish(streams: Collection[str]) -> list[Publication]:
    """Publish these streams where they differ from what was last published; in a transaction.

    Streams without a head are passed over: nobody has asked for them yet.
    """
    heads = list(Head.objects.select_for_update().filter(pk__in=streams).order_by("pk"))
    documents = _project(head.stream for head in heads)
    now = timezone.now()
    publications, changed = [], []
    for head in heads:
        document = documents[head.stream]
        if head.seq and document == head.document:
            continue
        changes = None if document is None else diff(head.document, document)
        publications.append(Publication(head.stream, head.epoch, head.seq + 1, head.seq, changes, time.time()))
        head.seq, head.document, head.published_at = head.seq + 1, document, now
        changed.append(head)
    if changed:
        Head.objects.bulk_update(changed, ["seq", "document", "published_at"])
    return publications


def _project(streams: Iterable[str]) -> dict[str, Any]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for stream in streams:
        if (kind := kind_of(stream)) is not None:
            by_kind[kind.name].append(kind.key(stream))
    return {
        KINDS[name].stream(key): document
        for name, keys in by_kind.items()
        for key, document in KINDS[name].project(keys).items()
    }


def _in_one_moment(work: Callable[[], T]) -> T:
    """Run `work` in a transaction that sees one moment of the database; again if it could not be serialised."""
    for attempt in range(ATTEMPTS):
        outermost = not connection.in_atomic_block
        try:
            with transaction.atomic():
                if outermost and connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return work()
        except OperationalError as error:
            serialisation = getattr(error.__cause__, "sqlstate", None) in ("40001", "40P01")
            if not (serialisation and outermost and attempt < ATTEMPTS - 1):
                raise
    raise AssertionError("unreachable")
