"""How good a match is, in one number, and how good it has to be.

The *cost* of a match adds up what its players would mind, in points. A perfect match costs 0:

    cost = gap_cost(gap between the teams) + sum over players of ROLE + RANGE * (range of ratings)

`gap_cost` rises by GAP a point, and from LARGE on by LARGE_GAP a point. The gap is the difference of the
teams' mean ratings. Where ratings are uncertain it says less about who will win, so that less of it counts.
M. E. Glickman, *Parameter estimation in large dynamic paired comparison experiments*
(Applied Statistics 48, 1999), multiplies a difference of ratings with standard deviation s by

    g(s) = 1 / sqrt(1 + 3 q^2 s^2 / pi^2),   q = ln(10) / 400.

Of all possible matches the one with the lowest *score* is chosen: the cost less the patience of the players,
which is WAIT points for each minute that each of the ten has waited. All waits grow alike, so that time alone
does not change which match is best. Beyond the hard limit it does: there waiting counts OVERDUE times more.

The chosen match is proposed if its cost is at most `max_cost`, which rises with the longest wait of the ten. To
wait for a better match pays only while others keep coming: in a *lull* any match will do.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GAP = 2.0
"""Cost of each point between the teams' mean ratings, up to LARGE."""

LARGE_GAP = 5.0
"""Cost of each point beyond LARGE."""

LARGE = 4.0
"""The gap (points) from which on each further point costs more."""

ROLE = (0.0, 13.0, 32.0, 58.0, 90.0)
"""Cost of a role by its place in the player's own order: 0 for the first choice."""

RANGE = 0.33
"""Cost of each point between the highest and the lowest rating."""

WAIT = 8.0
"""Cost that a minute of one player's waiting outweighs."""

MAX_COST_START = 10.0
"""Greatest acceptable cost of a match whose players have only just joined."""

MAX_COST_GROWTH = 1.05
"""How much more a match may cost for each second of the longest wait."""

HARD_LIMIT = 480.0
"""Seconds of waiting after which any match will do that keeps to named roles and blocks."""

LULL = 5.0
"""A lull: nobody has joined for so many times the usual gap. At a steady rate one gap in 150 is as long."""

OVERDUE = 4.0
"""How many times as much again waiting counts beyond the hard limit."""

_Q = math.log(10) / 400


def max_cost(longest_wait: float) -> float:
    """The greatest acceptable cost, given the longest wait of the ten (seconds)."""
    if longest_wait >= HARD_LIMIT:
        return math.inf
    return MAX_COST_START + MAX_COST_GROWTH * max(0.0, longest_wait)


def gap_cost(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cost of a gap between the teams' mean ratings (points)."""
    return GAP * gap + (LARGE_GAP - GAP) * np.maximum(0, gap - LARGE)


def patience(waits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cost that these waits (seconds) outweigh: WAIT points a minute, and more beyond the hard limit."""
    return WAIT / 60 * (waits + OVERDUE * np.maximum(0, waits - HARD_LIMIT))


def is_lull(joined: Sequence[float], now: float) -> bool:
    """Whether arrivals seem to have stopped.

    Args:
        joined: the times of joining (Unix seconds) of those who wait, rising.
        now: the present (Unix seconds).
    """
    if len(joined) < 2:
        return False
    usual = (joined[-1] - joined[0]) / (len(joined) - 1)
    return now - joined[-1] >= LULL * usual


def certainty(variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Glickman's g: how much of a gap counts, given how uncertain it is.

    Args:
        variance: of the difference of two team means (rating points squared).

    Returns:
        A factor of at most 1.
    """
    return 1 / np.sqrt(1 + 3 * _Q**2 * variance / math.pi**2)
