"""Elo per lane, the predecessor's system: each player is rated against the opponent in the same role.

The formulas are those of `matches.rating.elo`. The system stays for comparison, and for reading old results.
Ratings of newcomers move faster, so that they soon fit. That lets ratings drift: a newcomer may win more points
than the opponent loses.
"""

from dataclasses import replace
from math import fsum

from matches.rating.elo import K_NEWCOMER, NEWCOMER_MATCHES, K, expected
from matches.rating.systems import Rating, Side
from users.rates import START_RATE


class LaneElo:
    """One number a player, moved by how surprising the result is in the player's own lane."""

    name = "lane-elo"
    version = 1

    def start(self) -> Rating:
        return Rating(mean=START_RATE, deviation=0, matches=0)

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """Move each player by K times the difference of the result and the expected score in the lane."""
        won = {role: self._moved(rating, losers[role], 1) for role, rating in winners.items()}
        lost = {role: self._moved(rating, winners[role], 0) for role, rating in losers.items()}
        return won, lost

    def win_chance(self, team: Side, other: Side) -> float:
        """The expected score by the teams' mean ratings."""
        return expected(_mean(team), _mean(other))

    def shown(self, rating: Rating) -> int:
        """The rating itself, rounded."""
        return round(rating.mean)

    def _moved(self, rating: Rating, opponent: Rating, score: int) -> Rating:
        k = K_NEWCOMER if rating.matches < NEWCOMER_MATCHES else K
        change = k * (score - expected(rating.mean, opponent.mean))
        return replace(rating, mean=rating.mean + change, matches=rating.matches + 1)


def _mean(team: Side) -> float:
    return fsum(rating.mean for rating in team.values()) / len(team)
