"""What a rating system is: one interface, so that systems can be compared and exchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rating:
    """What a system knows of a player.

    Attributes:
        mean: how strong the player is thought to be, in rating points.
        deviation: how unsure that is (standard deviation, rating points); 0 where a system has no idea of it.
        matches: decided matches that went into it.
    """

    mean: float
    deviation: float
    matches: int


Side = Mapping[str, Rating]
"""The players of a team by their role."""


class System(Protocol):
    """A rating system.

    Attributes:
        name: identifies the system, in a journal for instance.
        version: rises when the same results give other ratings.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def start(self) -> Rating:
        """The rating of one who has not played."""

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """The ratings after a decided match.

        Args:
            winners: the team that won, by role.
            losers: the other, by the same roles.

        Returns:
            The winners' and the losers' new ratings, by role.
        """

    def win_chance(self, team: Side, other: Side) -> float:
        """How likely the first team is to win (0 to 1)."""

    def shown(self, rating: Rating) -> int:
        """The number that players see: `START_RATE` for one who has not played."""
