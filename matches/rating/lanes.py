"""Elo per lane, as the predecessor had it: each player is rated against the opponent in the same role.

The formulas are those of `matches.rating.elo`, with a single opponent instead of a team. It stays
for comparison, and for reading results of the past. Newcomers move faster, so that they find
their level; that lets ratings drift, since what they win nobody loses.
"""

from dataclasses import replace
from math import fsum

from matches.rating.elo import K_NEWCOMER, NEWCOMER_MATCHES, K, expected
from matches.rating.systems import Rating, Side
from users.rates import START_RATE


class LaneElo:
    """A number a player, moved by the surprise in the own lane."""

    name = "lane-elo"
    version = 1

    def start(self) -> Rating:
        """The same number for everyone."""
        return Rating(mean=START_RATE, deviation=0, matches=0)

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """Move each player by K times the surprise at winning, or losing, against the one in the same role."""
        won = {role: self._moved(rating, losers[role], 1) for role, rating in winners.items()}
        lost = {role: self._moved(rating, winners[role], 0) for role, rating in losers.items()}
        return won, lost

    def win_chance(self, team: Side, other: Side) -> float:
        """By the mean ratings."""
        return expected(_mean(team), _mean(other))

    def shown(self, rating: Rating) -> int:
        """The rating itself."""
        return round(rating.mean)

    def _moved(self, rating: Rating, opponent: Rating, score: int) -> Rating:
        k = K_NEWCOMER if rating.matches < NEWCOMER_MATCHES else K
        change = k * (score - expected(rating.mean, opponent.mean))
        return replace(rating, mean=rating.mean + change, matches=rating.matches + 1)


def _mean(team: Side) -> float:
    return fsum(rating.mean for rating in team.values()) / len(team)
