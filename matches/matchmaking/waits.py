"""The wait to expect for a player who joins now, from recent arrivals and matches.

By J. D. C. Little's law (*A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961) the
number of waiting players is, on average, L = λ W: the rate of arrivals times the mean wait. A match takes ten
of them away. So their number swings by ten around that mean, and a match is made at about

    L + 5

waiting players. The k-th player waits for the players still lacking, which takes (λ W + 5 - k) / λ, and for one
further arrival at least. A match has two places a role. If more players want the same role, one of them may be
left over for the match after, which takes ten more arrivals.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from matches.matchmaking.selection import MATCH_SIZE
from users.roles import PLACES_PER_ROLE

ARRIVALS = 40
"""How many of the latest arrivals the rate is taken from."""

STEPS = ((120, 60), (600, 120), (math.inf, 300))
"""(longest wait, step) in seconds: waits are rounded to these steps."""

LEFT_OVER = 0.3
"""The chance to be left over for a player whose role two others want as well."""


def estimate(
    served: Iterable[tuple[float, float]], joined: Iterable[float], waiting: Mapping[str, int], roles: Sequence[str]
) -> dict[str, float | None]:
    """The wait to expect, by the role that a player names first.

    It depends on past events alone, not on the present time.

    Args:
        served: (time of joining, time of the match) in seconds, for each player of the latest matches.
        joined: times of joining (s) of those who wait; the latest `ARRIVALS` are enough.
        waiting: {role: how many waiting players name it first}.
        roles: all roles.

    Returns:
        {role: seconds}; None for all roles while there are too few arrivals and matches to tell.
    """
    served = list(served)
    arrivals = sorted([*(at for at, _ in served), *joined])
    gap = _mean_gap(arrivals[-ARRIVALS:])
    if gap is None or not served:
        return dict.fromkeys(roles, None)
    mean_wait = fmean(seated - at for at, seated in served)
    number = 1 + sum(waiting.values())
    next_match = max(gap, mean_wait + (MATCH_SIZE / 2 - number) * gap)
    return {role: next_match + _left_over(waiting.get(role, 0)) * MATCH_SIZE * gap for role in roles}


def rounded(wait: float) -> int:
    """The wait rounded to whole steps, at least one. Steps are coarse, so that the number rarely changes."""
    step = next(step for up_to, step in STEPS if wait <= up_to)
    return max(1, round(wait / step)) * step


def _mean_gap(times: Sequence[float]) -> float | None:
    """Mean seconds between arrivals; None if there are too few."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return fmean(gaps) if gaps and sum(gaps) > 0 else None


def _left_over(ahead: int) -> float:
    """The chance that the next match has no place for a player, given how many name the same role first."""
    rivals = ahead + 1 - PLACES_PER_ROLE
    return LEFT_OVER * min(1.0, max(0, rivals) / PLACES_PER_ROLE)
