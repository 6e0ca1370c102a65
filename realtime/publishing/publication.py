"""What travels from the publisher to the hubs."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Publication:
    """One published change.

    Attributes:
        stream: the stream's name, which is also its channel-layer group.
        epoch, seq: the position after the change.
        prev: the `seq` before it.
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
