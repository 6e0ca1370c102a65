"""A team rating with uncertainty.

R. C. Weng and C.-J. Lin, *A Bayesian Approximation Method for Online Ranking* (Journal of Machine
Learning Research 12, 2011), in the implementation of openskill. A player's skill is normally
distributed with a mean and a deviation. In a match a player performs with a further deviation `BETA` around the
skill, and a team performs as the sum of its players. A result moves the mean of each player in proportion to the
variance. So an unsure rating moves far at first, and less with each match. No rule for newcomers is needed.

The shown rating is the mean plus the certainty gained since the start:

    shown = mean + CONFIDENCE * (START_DEVIATION - deviation)

It begins at `START_RATE`, and rises as the deviation falls. docs/matchmaking.md tells how the model and its
numbers were chosen.
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

If it is too small, forecasts are overconfident, which costs more than if it is too large.
"""

TAU = 5.0
"""How much a player's skill may change from match to match (standard deviation, rating points)."""

CONFIDENCE = 1.0
"""Points added to the shown rating for each point by which the deviation has fallen."""

MODELS = {"thurstone-mosteller": ThurstoneMostellerFull, "plackett-luce": PlackettLuce}
"""The first has normally distributed performances, the second logistic ones."""


class _Player(Protocol):
    mu: float
    sigma: float


class TeamRating:
    """Weng and Lin's rating of teams.

    Args:
        model: one of `MODELS`.
        beta: how much performances vary (rating points).
        tau: how much skills may change from match to match (rating points).
        damped: let deviations fall more slowly, by the default factor of openskill.
    """

    version = 1

    def __init__(
        self, model: str = "thurstone-mosteller", *, beta: float = BETA, tau: float = TAU, damped: bool = False
    ) -> None:
        self.name = model
        self._beta = beta
        # openskill's beta is the deviation of a team's performance, which is a sum of five.
        options: dict[str, Any] = {"mu": float(START_RATE), "sigma": START_DEVIATION, "tau": tau}
        options |= {"beta": beta * sqrt(len(ROLES))}
        options |= {} if damped else {"gamma": _undamped}
        self._model = MODELS[model](**options)

    def start(self) -> Rating:
        return Rating(mean=START_RATE, deviation=START_DEVIATION, matches=0)

    def rate(self, winners: Side, losers: Side) -> tuple[dict[str, Rating], dict[str, Rating]]:
        """Move every player by what the result says about the team. A less sure rating moves farther."""
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
        """The probability that the first team performs better."""
        apart = fsum(rating.mean for rating in team.values()) - fsum(rating.mean for rating in other.values())
        everyone = [*team.values(), *other.values()]
        variance = fsum(rating.deviation**2 + self._beta**2 for rating in everyone)
        return NormalDist().cdf(apart / sqrt(variance))

    def shown(self, rating: Rating) -> int:
        """The mean plus the certainty gained, rounded."""
        return round(rating.mean + CONFIDENCE * (START_DEVIATION - rating.deviation))

    def _player(self, rating: Rating) -> _Player:
        player: _Player = self._model.create_rating([rating.mean, rating.deviation])
        return player


def _undamped(*args: Any, **options: Any) -> float:
    """A factor of 1 for how much a match lowers the variances, instead of openskill's smaller default."""
    return 1.0
