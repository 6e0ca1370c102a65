"""What players see of their ratings, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from matches.rating.systems import Rating, System
from matches.rating.team import TeamRating
from users.rates import START_DEVIATION, START_RATE

SYSTEM: System = TeamRating()
"""What matches are rated with."""

SYSTEMS: dict[tuple[str, int], System] = {(SYSTEM.name, SYSTEM.version): SYSTEM}
"""All that matches have been rated with, by name and version, so that what was counted can be counted anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a player stands.

    Attributes:
        rating: what the system knows.
        rate: what is shown, never below 0.
        max_rate: the most that has been shown.
    """

    rating: Rating
    rate: int
    max_rate: int


def after_win(
    winners: Mapping[str, Standing], losers: Mapping[str, Standing], system: System = SYSTEM
) -> tuple[dict[str, Standing], dict[str, Standing]]:
    """Where the players of a decided match stand after it.

    What is shown moves by as much as the system's idea of it, but never down by a win or up by a
    loss. So it need not be the system's own number; nor is it where it comes from an earlier system.

    Args:
        winners: the team that won, by role.
        losers: the other, by the same roles.
        system: what to rate with.

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
    """Half-way to the start in everything but the most that has been shown: a season's soft reset.

    It is known who is good, less surely than before, so that everybody can come up again.
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
