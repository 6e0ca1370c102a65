"""What goes into matchmaking and what comes out of it."""

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
        uncertainty: how unsure the rating is, in rating points; 0 where it isn't known.
    """

    player_id: str
    rating: float
    roles: tuple[str, ...]
    queued_at: float
    blocked: frozenset[str] = frozenset()
    uncertainty: float = 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a proposed match is; lower is better throughout.

    Attributes:
        rating_gap: difference of the teams' mean ratings.
        rating_range: the highest less the lowest rating.
        preference: sum over players of the place (from 0) that their role has in their own order.
        longest_wait: how long the first of them has waited (seconds).
        cost: all of it in one number but for the wait, as `scoring` weighs it.
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
        team_b: {role: player id} of the other.
        quality: how good it is.
    """

    team_a: Mapping[str, str]
    team_b: Mapping[str, str]
    quality: Quality

    @property
    def player_ids(self) -> frozenset[str]:
        """The ten players."""
        return frozenset(self.team_a.values()) | frozenset(self.team_b.values())
