"""The oracle: after a block of writes, whatever is published is what the database says.

    with oracle("queue", f"user_{ann.user_id}") as pushes:
        entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"])
    assert pushes.of("queue") == 1

It looks at every stream that there is, not only at those that it is told: a snapshot from before and what was pushed
after it must equal a fresh snapshot. The streams that a test names must change as well, so that it can never pass by
doing nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from matches.models import Match
from realtime.models import DirtyStream, PublishedState
from realtime.protocol import Verdict
from realtime.publishing.publication import Publication
from realtime.publishing.publisher import snapshots
from realtime.streams import STREAM_TYPES
from realtime.testing import fresh, misfits, published, stale
from users.models import User

MODELS = {"user": User, "match": Match}
"""The model whose primary key is the stream's key, for each stream type that has keys."""


class Pushes:
    """What was published within an `oracle` block; filled in when the block ends."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []

    def of(self, stream: str) -> int:
        """How many updates of this stream were published."""
        return sum(publication.stream == stream for publication in self.publications)


def keys_of(stream_type: str) -> list[str]:
    """The keys of this stream type for which there are rows; that of a single stream is empty."""
    if STREAM_TYPES[stream_type].is_single:
        return [""]
    return list(MODELS[stream_type].objects.order_by("pk").values_list("pk", flat=True))


def publish_everything() -> None:
    """Publish every stream that there is, as if somebody had asked for it."""
    snapshots([stream_type.stream(key) for name, stream_type in STREAM_TYPES.items() for key in keys_of(name)])
    published()


def own(user) -> str:
    """A user's own stream."""
    return f"user_{user.user_id}"


def notice_of(user):
    """The notice that the player is shown now."""
    return fresh(own(user)).get("notice")


def stream_of(match) -> str:
    """A match's stream."""
    return f"match_{match.match_id}"


@contextmanager
def oracle(*changing: str, unchanged: tuple[str, ...] = ()) -> Iterator[Pushes]:
    """Watch all streams over a block of writes.

    Args:
        changing: streams that the block must change.
        unchanged: streams that it must not.
    """
    publish_everything()
    streams = list({*PublishedState.objects.values_list("stream", flat=True), *changing, *unchanged})
    mirrors = dict(zip(streams, snapshots(streams), strict=True))
    before = {stream: mirror.document for stream, mirror in mirrors.items()}
    pushes = Pushes()
    yield pushes
    pushes.publications = published()
    assert not DirtyStream.objects.exists()
    assert not (unseen := stale()), f"{unseen}: changed, and not dirty"
    for publication in pushes.publications:
        mirror = mirrors.get(publication.stream)
        if mirror is not None:
            verdict = mirror.take_update(publication.epoch, publication.prev, publication.seq, publication.changes)
            assert verdict is Verdict.APPLIED, f"{publication.stream}: {verdict}"
    for stream, answered in zip(streams, snapshots(streams), strict=True):
        assert mirrors[stream] == answered, f"{stream}: the pushes do not add up to what REST answers"
        assert answered.document is None or misfits(stream, answered.document) == []
    for stream in changing:
        assert mirrors[stream].document != before[stream], f"{stream} did not change: the test proves nothing"
    for stream in unchanged:
        assert mirrors[stream].document == before[stream], f"{stream} changed"
        assert pushes.of(stream) == 0, f"{stream} was pushed without a change"
