"""The oracle: a snapshot and what was pushed after it must equal a fresh snapshot.

    with oracle("queue", f"user_{ann.user_id}") as pushes:
        entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"])
    assert pushes.of("queue") == 1

It fails as well when a watched stream did not change, so that it can never pass by doing nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from realtime.models import Mark
from realtime.protocol import Mirror, Verdict
from realtime.publishing.publisher import Publication, current, publish_marked
from realtime.streams import kind_of


class Pushes:
    """What was published within an `oracle` block; filled in when the block ends."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []

    def of(self, stream: str) -> int:
        """How many updates of this stream were published."""
        return sum(publication.stream == stream for publication in self.publications)


def published() -> list[Publication]:
    """Publish all that is marked, as a relay would."""
    publications, more = publish_marked()
    while more:
        further, more = publish_marked()
        publications += further
    return publications


def fresh(stream: str):
    """The projection as the database has it now, whatever was published."""
    kind = kind_of(stream)
    return kind.project([kind.key(stream)])[kind.key(stream)]


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
    """Watch streams over a block of writes.

    Args:
        changing: streams that the block must change.
        unchanged: streams that it must not.
    """
    published()
    mirrors: dict[str, Mirror] = {stream: current(stream) for stream in (*changing, *unchanged)}
    before = {stream: mirror.document for stream, mirror in mirrors.items()}
    pushes = Pushes()
    yield pushes
    pushes.publications = published()
    assert not Mark.objects.exists()
    for publication in pushes.publications:
        mirror = mirrors.get(publication.stream)
        if mirror is not None:
            verdict = mirror.take_update(publication.epoch, publication.prev, publication.seq, publication.changes)
            assert verdict is Verdict.APPLIED, f"{publication.stream}: {verdict}"
    for stream, mirror in mirrors.items():
        assert mirror.document == fresh(stream), f"{stream}: the pushes do not add up to the committed state"
        assert mirror == current(stream), f"{stream}: REST and socket differ"
    for stream in changing:
        assert mirrors[stream].document != before[stream], f"{stream} did not change: the test proves nothing"
    for stream in unchanged:
        assert mirrors[stream].document == before[stream], f"{stream} changed"
        assert pushes.of(stream) == 0, f"{stream} was pushed without a change"
