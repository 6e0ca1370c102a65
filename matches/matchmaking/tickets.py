"""The input and the output of matchmaking."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ticket:
    """What matchmaking sees of a waiting player.

    Attributes:
        player_id: the player's public id.
        rating: the player's rating.
        roles: the roles the player would play, best first.
        queued_at: when the player began to wait (Unix seconds).
        blocked: ids of players whom this one will not be matched with.
        uncertainty: the standard deviation of the rating, in rating points; 0 if it is not known.
    """

    player_id: str
    rating: float
    roles: tuple[str, ...]
    queued_at: float
    blocked: frozenset[str] = frozenset()
    uncertainty: float = 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a proposed match is. Lower is better throughout.

    Attributes:
        rating_gap: difference of the teams' mean ratings.
        rating_range: the highest less the lowest rating.
        preference: the place of each player's role in their own order, from 0, summed over players.
        longest_wait: the longest wait of the ten (seconds).
        cost: all of this but the wait in one number, as `scoring` weighs it.
    """

    rating_gap: float
    rating_range: float
    preference: int
    longest_wait: float
    cost: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A match that could be made: for each team, who plays which role.

    Attributes:
        team_a: {role: player id} of the team that picks first.
        team_b: {role: player id} of the other team.
        quality: how good it is.
    """

    team_a: Mapping[str, str]
    team_b: Mapping[str, str]
    quality: Quality

    @property
    def player_ids(self) -> frozenset[str]:
        return frozenset(self.team_a.values()) | frozenset(self.team_b.values())
