"""A mirror of a stream: which updates it applies, which it ignores, and how it notices a gap."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from realtime.protocol.documents import Json, apply


class Position(NamedTuple):
    """A place in a stream's numbering."""

    epoch: str
    seq: int


class Verdict(Enum):
    """What a mirror does with an update."""

    APPLIED = "applied"
    STALE = "stale"  # the mirror has it already
    GAP = "gap"  # an update before it is missing, or the epoch is another: ask for a snapshot


@dataclass(slots=True)
class Mirror:
    """A copy of a stream's projection.

    Attributes:
        epoch: the numbering that `seq` belongs to.
        seq: the position in it.
        document: the projection at that position; None if the stream has ended.
    """

    epoch: str
    seq: int
    document: Json

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.seq)

    def judge(self, epoch: str, prev: int, seq: int) -> Verdict:
        """What `take_update` does with an update from `prev` to `seq`."""
        if epoch != self.epoch:
            return Verdict.GAP
        if seq <= self.seq:
            return Verdict.STALE
        return Verdict.APPLIED if prev == self.seq else Verdict.GAP

    def take_update(self, epoch: str, prev: int, seq: int, changes: Json) -> Verdict:
        """Apply an update if it is the next one.

        Args:
            epoch, prev, seq, changes: the fields of the update's frame.

        Returns:
            `APPLIED`, or why the mirror is unchanged.
        """
        verdict = self.judge(epoch, prev, seq)
        if verdict is Verdict.APPLIED:
            self.document = apply(self.document, changes)
            self.seq = seq
        return verdict

    def take_snapshot(self, epoch: str, seq: int, document: Json) -> None:
        """Replace the state by a snapshot. On one connection a snapshot is never older than what came before it."""
        self.epoch, self.seq, self.document = epoch, seq, document
