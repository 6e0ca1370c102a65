"""The rating that players see, and how a result and a new season change it."""

from collections.abc import Mapping
from dataclasses import dataclass

from matches.rating.systems import Rating, System
from matches.rating.team import TeamRating
from users.rates import START_DEVIATION, START_RATE

SYSTEM: System = TeamRating()
"""The system that matches are rated with."""

SYSTEMS: dict[tuple[str, int], System] = {(SYSTEM.name, SYSTEM.version): SYSTEM}
"""All systems that matches have been rated with, by name and version. Replaying ratings needs them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a player stands.

    Attributes:
        rating: what the rating system knows.
        rate: the shown rating, never below 0.
        max_rate: the highest rating that has been shown.
    """

    rating: Rating
    rate: int
    max_rate: int


def after_win(
    winners: Mapping[str, Standing], losers: Mapping[str, Standing], system: System = SYSTEM
) -> tuple[dict[str, Standing], dict[str, Standing]]:
    """Where the players of a decided match stand after it.

    The shown rating moves by as much as the system's own number does, but a win never lowers it and a loss never
    raises it. So the two may differ, and they do where the shown rating comes from an earlier system.

    Args:
        winners: the team that won, by role.
        losers: the other team, by the same roles.
        system: the system to rate with.

    Returns:
        The winners' and the losers' new standings, by role.
    """
    sides = (winners, losers)
    rated = system.rate(*({role: standing.rating for role, standing in side.items()} for side in sides))
    won, lost = (
        {role: _moved(standing, ratings[role], sign, system) for role, standing in side.items()}
        for side, ratings, sign in zip(sides, rated, (1, -1), strict=True)
    )
    return won, lost


def soft_reset(standing: Standing) -> Standing:
    """A season's soft reset: half-way to the start in everything but the highest rating shown.

    Good players keep a lead. Their ratings are less sure than before, so that everybody can catch up.
    """
    rating = standing.rating
    rate = START_RATE + int((standing.rate - START_RATE) / 2)  # whole numbers, towards the start
    return Standing(
        rating=Rating(
            mean=START_RATE + (rating.mean - START_RATE) / 2,
            deviation=START_DEVIATION + (rating.deviation - START_DEVIATION) / 2,
            matches=rating.matches,
        ),
        rate=rate,
        max_rate=max(standing.max_rate, rate),
    )


def _moved(standing: Standing, rating: Rating, sign: int, system: System) -> Standing:
    move = sign * max(0, sign * (system.shown(rating) - system.shown(standing.rating)))
    rate = max(0, standing.rate + move)
    return Standing(rating, rate, max(standing.max_rate, rate))
