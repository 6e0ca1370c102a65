"""What a client holds of each stream, and what it asks for when something is missing. No input or output."""

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
    """What a client has cost and seen so far.

    Attributes:
        connects: sockets on which `welcome` came.
        frames_in: text frames received.
        bytes_in, bytes_out: their payload, in bytes.
        sent: frames sent, by action.
        updates: updates that were applied.
        stale: updates that brought nothing new.
        snapshots: whole projections received.
        errors: `error` frames received.
        polls: rounds of polling while no socket could be had.
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
        """Snapshots that had to be asked for because something was missing."""
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
        counters: where to count.
        changed: called with a stream's name after its mirror has changed.
    """

    def __init__(self, counters: Counters, changed: Changed) -> None:
        self.held: dict[str, Mirror] = {}
        self._counters = counters
        self._changed = changed
        self._asked: set[str] = set()
        self._overtaken: set[str] = set()

    def document(self, stream: str) -> Any:
        """The projection held of a stream; None without one."""
        mirror = self.held.get(stream)
        return None if mirror is None else mirror.document

    def have(self) -> dict[str, dict[str, str | int]]:
        """The positions held, as `authenticate` carries them: the newest streams, if there are too many."""
        newest = list(self.held.items())[-MAX_STREAMS:]
        return {stream: {"epoch": mirror.epoch, "seq": mirror.seq} for stream, mirror in newest}

    def reconnected(self) -> None:
        """Forget what was asked on the last socket: no answer will come."""
        self._asked.clear()

    def forget(self, stream: str) -> None:
        """Give a stream's mirror up."""
        self.held.pop(stream, None)
        self._asked.discard(stream)
        self._overtaken.add(stream)

    def take_snapshot(self, stream: str, epoch: str, seq: int, document: Any) -> None:
        """Hold a whole projection that came in a frame."""
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
        """Remember from now on which streams the socket brings anew: `take_polled` must not set them back."""
        self._overtaken.clear()

    def take_polled(self, fetched: Mapping[str, tuple[str, int, Any]]) -> None:
        """Hold what was fetched by REST since `begin_poll` where it is newer: {stream: (epoch, seq, document)}.

        Numbers of one epoch tell which of two states is newer. Of two epochs the socket's counts, if it came
        while the answer was on its way; and what was given up meanwhile does not come back.
        """
        for stream, (epoch, seq, document) in fetched.items():
            held = self.held.get(stream)
            is_newer = held.seq < seq if held is not None and held.epoch == epoch else stream not in self._overtaken
            if is_newer:
                self._hold(stream, epoch, seq, document)

    def take_update(self, frame: Frame) -> list[Frame]:
        """Take an update's frame.

        Returns:
            The frames to send: a `resync` when something before the update is missing.
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
        """The streams that a heartbeat's heads show to differ, each with the version held (-1: none).

        An update may still be on its way, so these are not asked for at once: see `settle`.
        """
        held = {stream: mirror.seq if (mirror := self.held.get(stream)) else -1 for stream in heads}
        return {stream: held[stream] for stream, head in heads.items() if held[stream] != head}

    def settle(self, doubts: Mapping[str, int]) -> list[Frame]:
        """Ask for the streams that have not moved since `doubts` named them."""
        asks: list[Frame] = []
        for stream, seq in doubts.items():
            mirror = self.held.get(stream)
            if seq == (-1 if mirror is None else mirror.seq):
                asks += self._resync(stream)
        return asks

    def refused(self) -> None:
        """The server answered an ask with an error: it may be made again."""
        self._counters.errors += 1
        self._asked.clear()

    def _resync(self, stream: str) -> list[Frame]:
        if stream in self._asked:
            return []
        self._asked.add(stream)
        return [{"action": "resync", "stream": stream}]
