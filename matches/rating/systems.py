"""The interface of rating systems, so that they can be compared and exchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rating:
    """What a rating system knows of a player.

    Attributes:
        mean: how strong the player is thought to be, in rating points.
        deviation: how unsure that is (standard deviation, rating points); 0 if the system does not measure it.
        matches: number of decided matches that went into it.
    """

    mean: float
    deviation: float
    matches: int


Side = Mapping[str, Rating]
"""The ratings of a team by role."""


class System(Protocol):
    """A rating system.

    Attributes:
        name: identifies the system in the journal.
        version: rises when the same results give other ratings.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    def start(self) -> Rating:
        """The rating of a player who has not played."""

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """The ratings after a decided match.

        Args:
            winners: the team that won, by role.
            losers: the other team, by the same roles.

        Returns:
            The winners' and the losers' new ratings, by role.
        """

    def win_chance(self, team: Side, other: Side) -> float:
        """How likely the first team is to win (0 to 1)."""

    def shown(self, rating: Rating) -> int:
        """The number that players see. It is `START_RATE` for a player who has not played."""
