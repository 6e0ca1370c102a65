"""A team rating with uncertainty.

R. C. Weng and C.-J. Lin, *A Bayesian Approximation Method for Online Ranking* (Journal of Machine
Learning Research 12, 2011), in the implementation of openskill. Each player's skill is normally
distributed with a mean and a deviation; in a match a player performs with a further deviation
`BETA` around the skill, a team as the sum of its players. A result moves the mean of each player
in proportion to the variance: who is unsure moves far at first, and ever less as the matches add
up, without anybody's being called a newcomer.

What is shown is the mean plus what has been found out since the start:

    shown = mean + CONFIDENCE * (START_DEVIATION - deviation)

It begins at `START_RATE`, and rises as the deviation falls. Which model, and how its numbers were
chosen, is in docs/matchmaking.md.
"""

from math import fsum, sqrt
from statistics import NormalDist
from typing import Any, Protocol

from openskill.models import PlackettLuce, ThurstoneMostellerFull

from matches.rating.systems import Rating, Side
from users.rates import START_DEVIATION, START_RATE
from users.roles import ROLES

BETA = 400.0
"""How much a player's performance varies from match to match (standard deviation, rating points).

Too little makes forecasts overconfident, which costs more than too much does."""

TAU = 5.0
"""How much a player's skill may change from match to match (standard deviation, rating points)."""

CONFIDENCE = 1.0
"""Points shown for each point of deviation that has gone."""

MODELS = {"thurstone-mosteller": ThurstoneMostellerFull, "plackett-luce": PlackettLuce}
"""Normally distributed performances, or logistic ones."""


class _Player(Protocol):
    mu: float
    sigma: float


class TeamRating:
    """Weng and Lin's rating of teams.

    Args:
        model: one of `MODELS`.
        beta: how much performances vary (rating points).
        tau: how much skills may change from match to match (rating points).
        damped: let deviations fall more slowly, by the factor that openskill has for it by itself.
    """

    version = 1

    def __init__(
        self, model: str = "thurstone-mosteller", *, beta: float = BETA, tau: float = TAU, damped: bool = False
    ) -> None:
        self.name = model
        self._beta = beta
        # The model knows a deviation of a team's performance, which is that of a sum of five.
        options: dict[str, Any] = {"mu": float(START_RATE), "sigma": START_DEVIATION, "tau": tau}
        options |= {"beta": beta * sqrt(len(ROLES))}
        options |= {} if damped else {"gamma": _undamped}
        self._model = MODELS[model](**options)

    def start(self) -> Rating:
        """The same for everyone, and very unsure."""
        return Rating(mean=START_RATE, deviation=START_DEVIATION, matches=0)

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """Move every player by what the result says about the team, the more the less sure the rating is."""
        sides = (winners, losers)
        rated = self._model.rate([[self._player(rating) for rating in side.values()] for side in sides])
        won, lost = (
            {
                role: Rating(float(player.mu), float(player.sigma), rating.matches + 1)
                for (role, rating), player in zip(side.items(), players, strict=True)
            }
            for side, players in zip(sides, rated, strict=True)
        )
        return won, lost

    def win_chance(self, team: Side, other: Side) -> float:
        """How likely the difference of both teams' performances is to be above 0."""
        apart = fsum(rating.mean for rating in team.values()) - fsum(rating.mean for rating in other.values())
        everyone = [*team.values(), *other.values()]
        variance = fsum(rating.deviation**2 + self._beta**2 for rating in everyone)
        return NormalDist().cdf(apart / sqrt(variance))

    def shown(self, rating: Rating) -> int:
        """The mean, and more the surer it is."""
        return round(rating.mean + CONFIDENCE * (START_DEVIATION - rating.deviation))

    def _player(self, rating: Rating) -> _Player:
        player: _Player = self._model.create_rating([rating.mean, rating.deviation])
        return player


def _undamped(*args: Any, **options: Any) -> float:
    """The factor on what a match takes from the variances: all of it."""
    return 1.0
