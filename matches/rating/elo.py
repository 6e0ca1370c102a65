"""Elo for two teams.

A. E. Elo, *The Rating of Chessplayers, Past and Present* (1978), gives the expected score of a
player rated R_a against one rated R_b in its logistic form as

    E_a = 1 / (1 + 10 ** ((R_b - R_a) / 400))

and the change of rating after a game with score S (1 for a win, 0 for a loss) as K * (S - E_a).
A team is taken to be as strong as the mean of its players; every player of it scores what the
team scores, and differs only in K.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SCALE = 400
"""Rating points that make the stronger team a tenfold favourite."""

K = 20
"""The most that one match can move a settled rating."""

K_NEWCOMER = 40
"""The same for a newcomer, whose rating is still a guess and had better find its level soon."""

NEWCOMER_MATCHES = 10
"""How many decided matches a player is a newcomer for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A player before the result counts.

    Attributes:
        rating: the rating at the time of matching.
        matches: decided matches so far.
    """

    rating: int
    matches: int


def expected(rating: float, opponent: float) -> float:
    """The share of wins (0 to 1) to expect from `rating` against `opponent`."""
    return float(1 / (1 + 10 ** ((opponent - rating) / SCALE)))


def deltas(winners: Mapping[str, Standing], losers: Mapping[str, Standing]) -> dict[str, int]:
    """The change of each player's rating after a decided match.

    Args:
        winners: {player id: standing} of the team that won.
        losers: {player id: standing} of the team that lost.

    Returns:
        {player id: change in whole rating points}: none below 0 for a winner, none above 0 for
        a loser. Where all have the same K, what one team wins the other loses.
    """
    surprise = 1 - expected(_mean(winners), _mean(losers))
    return {
        player_id: sign * round(_k(standing) * surprise)
        for sign, team in ((1, winners), (-1, losers))
        for player_id, standing in team.items()
    }


def _mean(team: Mapping[str, Standing]) -> float:
    return sum(standing.rating for standing in team.values()) / len(team)


def _k(standing: Standing) -> int:
    return K_NEWCOMER if standing.matches < NEWCOMER_MATCHES else K
