"""How good a match is, in one number, and how good it has to be.

The *cost* of a match is what its players would mind, in points; 0 is a match without a fault:

    cost = uneven(gap between the teams) + sum over players of ROLE + RANGE * (range of ratings)

where `uneven` rises by GAP a point, and by LARGE_GAP a point from LARGE on. The gap is that of the
teams' mean ratings, made smaller where ratings are uncertain, since then it says less about who
will win: M. E. Glickman, *Parameter estimation in large dynamic paired comparison experiments*
(Applied Statistics 48, 1999), multiplies a difference of ratings with standard deviation s by

    g(s) = 1 / sqrt(1 + 3 q^2 s^2 / pi^2),   q = ln(10) / 400.

Which of the possible matches is made is decided by the *score*, cost less what is due to patience:
WAIT points for each minute that each of the ten has waited. All waits grow alike, so that time
alone never turns one choice into another, up to the hard limit; beyond it waiting counts OVERDUE
times more.

How good it has to be is the *bar* on the cost, which falls with the longest wait of the ten. To
wait for a better match pays only while others keep coming: in a *lull* any match will do.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GAP = 2.0
"""Cost of each point between the teams' mean ratings, while they are few."""

LARGE_GAP = 5.0
"""Cost of each further point of a large gap."""

LARGE = 4.0
"""From where on a gap is large (points)."""

ROLE = (0.0, 13.0, 32.0, 58.0, 90.0)
"""Cost of a player's role by the place that it has in the player's own order."""

RANGE = 0.33
"""Cost of each point between the highest and the lowest rating."""

WAIT = 8.0
"""What a minute of one player's waiting outweighs."""

BAR_START = 10.0
"""Greatest cost of a match that nobody has waited for."""

BAR_GROWTH = 1.05
"""By how much more it may cost for each second of the longest wait."""

HARD_LIMIT = 480.0
"""Seconds of waiting from which on any match will do that keeps to roles and blocks."""

LULL = 5.0
"""How many times as long as usual nobody has joined in a lull. At a steady rate one gap in 150 is as long."""

OVERDUE = 4.0
"""How many times more waiting counts beyond the hard limit."""

_Q = math.log(10) / 400


def bar(longest_wait: float) -> float:
    """The greatest acceptable cost, given the longest wait of the ten (seconds)."""
    if longest_wait >= HARD_LIMIT:
        return math.inf
    return BAR_START + BAR_GROWTH * max(0.0, longest_wait)


def uneven(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cost of a gap between the teams' mean ratings (points)."""
    return GAP * gap + (LARGE_GAP - GAP) * np.maximum(0, gap - LARGE)


def patience(waits: NDArray[np.float64]) -> NDArray[np.float64]:
    """What these waits (seconds) outweigh, in points: WAIT a minute, and more beyond the hard limit."""
    return WAIT / 60 * (waits + OVERDUE * np.maximum(0, waits - HARD_LIMIT))


def is_lull(joined: Sequence[float], now: float) -> bool:
    """Whether nobody seems to come any more.

    Args:
        joined: when those who wait joined (Unix seconds), rising.
        now: the present (Unix seconds).
    """
    if len(joined) < 2:
        return False
    usual = (joined[-1] - joined[0]) / (len(joined) - 1)
    return now - joined[-1] >= LULL * usual


def certainty(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Glickman's g: how much of a gap counts.

    Args:
        variance: of the difference of two team means (rating points squared).

    Returns:
        A factor of at most 1.
    """
    return 1 / np.sqrt(1 + 3 * _Q**2 * variance / math.pi**2)
