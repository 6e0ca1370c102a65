"""What a result does to ratings: pure functions, results in, ratings out.

`systems` has the interface of a rating system, `team` the system in use, `lanes` one to compare it with, and
`standing` the numbers that players see.
"""

from matches.rating.lanes import LaneElo
from matches.rating.standing import SYSTEM, SYSTEMS, Standing, after_win, soft_reset
from matches.rating.systems import Rating, Side, System
from matches.rating.team import TeamRating

__all__ = [
    "SYSTEM",
    "SYSTEMS",
    "LaneElo",
    "Rating",
    "Side",
    "Standing",
    "System",
    "TeamRating",
    "after_win",
    "soft_reset",
]
