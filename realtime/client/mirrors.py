"""The mirrors of a client, and the frames that it sends when an update is missing. Without input and output."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime.protocol import Mirror, Verdict
from realtime.protocol.frames import MAX_STREAMS

Frame = dict[str, Any]
Changed = Callable[[str], None]


@dataclass(slots=True)
class Counters:
    """What a client has sent and received so far.

    Attributes:
        connects: sockets on which `welcome` came.
        frames_in: text frames received.
        bytes_in, bytes_out: their payload, in bytes.
        sent: frames sent, by action.
        updates: updates that were applied.
        stale: updates that the mirror had already.
        snapshots: whole projections received.
        errors: `error` frames received.
        polls: polls that were answered.
    """

    connects: int = 0
    frames_in: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    updates: int = 0
    stale: int = 0
    snapshots: int = 0
    errors: int = 0
    polls: int = 0

    @property
    def resyncs(self) -> int:
        """Snapshots that were requested because an update was missing."""
        return self.sent["resync"]


def about(verb: str, stream: str, key_field: str | None = None) -> Frame:
    """The frame that subscribes to a stream, or unsubscribes from it.

    Args:
        verb: `subscribe` or `unsubscribe`.
        stream: `operations`, or `match_<key>`.
        key_field: the field that carries the key; `match_id` for `match_<key>` by default.
    """
    name, _, key = stream.partition("_")
    return {"action": f"{verb}{name.capitalize()}"} | ({key_field or f"{name}_id": key} if key else {})


class Mirrors:
    """The mirrors of one client.

    Args:
        counters: the client's counters.
        changed: called with a stream's name after its mirror has changed.
    """

    def __init__(self, counters: Counters, changed: Changed) -> None:
        self.held: dict[str, Mirror] = {}
        self._counters = counters
        self._changed = changed
        self._asked: set[str] = set()
        self._overtaken: set[str] = set()

    def document(self, stream: str) -> Any:
        """The newest projection of a stream; None without one."""
        mirror = self.held.get(stream)
        return None if mirror is None else mirror.document

    def have(self) -> dict[str, dict[str, str | int]]:
        """The positions for `authenticate`. If there are too many, those of the newest streams."""
        newest = list(self.held.items())[-MAX_STREAMS:]
        return {stream: {"epoch": mirror.epoch, "seq": mirror.seq} for stream, mirror in newest}

    def reconnected(self) -> None:
        """Forget the requests on the last socket, which will not be answered."""
        self._asked.clear()

    def forget(self, stream: str) -> None:
        """Drop a stream's mirror."""
        self.held.pop(stream, None)
        self._asked.discard(stream)
        self._overtaken.add(stream)

    def take_snapshot(self, stream: str, epoch: str, seq: int, document: Any) -> None:
        """Take a whole projection from a frame."""
        self._overtaken.add(stream)
        self._hold(stream, epoch, seq, document)

    def _hold(self, stream: str, epoch: str, seq: int, document: Any) -> None:
        self._counters.snapshots += 1
        self._asked.discard(stream)
        mirror = self.held.get(stream)
        if mirror is None:
            self.held[stream] = Mirror(epoch, seq, document)
        else:
            mirror.take_snapshot(epoch, seq, document)
        self._changed(stream)

    def begin_poll(self) -> None:
        """Begin a poll. Streams that the socket changes from now on must not be set back by its answer."""
        self._overtaken.clear()

    def take_polled(self, fetched: Mapping[str, tuple[str, int, Any]]) -> None:
        """Take the answer of a poll, as far as it is newer than the mirrors: {stream: (epoch, seq, document)}.

        Within one epoch the higher `seq` is newer. Of two epochs, the socket's is taken to be newer if its frame
        came after `begin_poll`. A stream that was dropped after `begin_poll` stays dropped.
        """
        for stream, (epoch, seq, document) in fetched.items():
            held = self.held.get(stream)
            is_newer = held.seq < seq if held is not None and held.epoch == epoch else stream not in self._overtaken
            if is_newer:
                self._hold(stream, epoch, seq, document)

    def take_update(self, frame: Frame) -> list[Frame]:
        """Take an update from a frame.

        Returns:
            The frames to send: a `resync` if an earlier update is missing.
        """
        stream = frame["stream"]
        mirror = self.held.get(stream)
        verdict = (
            Verdict.GAP
            if mirror is None
            else mirror.take_update(frame["epoch"], frame["prev"], frame["seq"], frame["changes"])
        )
        if verdict is Verdict.APPLIED:
            self._counters.updates += 1
            self._changed(stream)
        elif verdict is Verdict.STALE:
            self._counters.stale += 1
        else:
            return self._resync(stream)
        return []

    def doubts(self, heads: Mapping[str, int]) -> dict[str, int]:
        """The streams whose head differs from the mirror, each with the mirror's `seq` (-1 without a mirror).

        An update may still be on its way. `settle` asks for the streams later, if they have not moved.
        """
        held = {stream: mirror.seq if (mirror := self.held.get(stream)) else -1 for stream in heads}
        return {stream: held[stream] for stream, head in heads.items() if held[stream] != head}

    def settle(self, doubts: Mapping[str, int]) -> list[Frame]:
        """The frames that request the streams which have not moved since `doubts` named them."""
        asks: list[Frame] = []
        for stream, seq in doubts.items():
            mirror = self.held.get(stream)
            if seq == (-1 if mirror is None else mirror.seq):
                asks += self._resync(stream)
        return asks

    def refused(self) -> None:
        """Note that the server has refused a request. It may be made again."""
        self._counters.errors += 1
        self._asked.clear()

    def _resync(self, stream: str) -> list[Frame]:
        if stream in self._asked:
            return []
        self._asked.add(stream)
        return [{"action": "resync", "stream": stream}]
