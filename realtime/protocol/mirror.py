"""Holding a stream: which update to apply, which to ignore, and when something is missing."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from realtime.protocol.documents import Json, apply


class Position(NamedTuple):
    """Where in a stream's numbering somebody is."""

    epoch: str
    seq: int


class Verdict(Enum):
    """What became of an update."""

    APPLIED = "applied"
    STALE = "stale"  # at or below what is held: a duplicate or a latecomer
    GAP = "gap"  # something before it is missing, or the numbering started anew: ask for a snapshot


@dataclass(slots=True)
class Mirror:
    """A copy of a stream's projection.

    Attributes:
        epoch: the numbering that `seq` belongs to.
        seq: the version held.
        document: the projection at that version; None once the stream has ended.
    """

    epoch: str
    seq: int
    document: Json

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.seq)

    def judge(self, epoch: str, prev: int, seq: int) -> Verdict:
        """What `take_update` would do with an update of these positions."""
        if epoch != self.epoch:
            return Verdict.GAP
        if seq <= self.seq:
            return Verdict.STALE
        return Verdict.APPLIED if prev == self.seq else Verdict.GAP

    def take_update(self, epoch: str, prev: int, seq: int, changes: Json) -> Verdict:
        """Apply an update if it follows what is held.

        Args:
            epoch, prev, seq, changes: as in the update's frame.

        Returns:
            `APPLIED`, or why the mirror was left alone.
        """
        verdict = self.judge(epoch, prev, seq)
        if verdict is Verdict.APPLIED:
            self.document = apply(self.document, changes)
            self.seq = seq
        return verdict

    def take_snapshot(self, epoch: str, seq: int, document: Json) -> None:
        """Hold a snapshot. On one socket it is never older than what came before it."""
        self.epoch, self.seq, self.document = epoch, seq, document
