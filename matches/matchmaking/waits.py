"""How long one who joins now will wait, from the arrivals and matches there have been.

By J. D. C. Little's law (*A Proof for the Queuing Formula L = λW*, Operations Research 9, 1961) the
number who wait is, on average, L = λ W: the rate of arrivals times the mean wait. A match takes ten
away, so that their number swings by ten around that mean and a match is made at about

    L + 5

waiting. Who joins as the k-th waits for the others that lack: (λ W + 5 - k) / λ, and for a further
arrival at least. Where a role is wanted by more than the two that a match has room for, the player
may be left for the next one, which takes ten more arrivals.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from matches.matchmaking.selection import SIZE
from users.roles import PLACES_PER_ROLE

ARRIVALS = 40
"""From how many of the latest arrivals their rate is taken."""

STEPS = ((120, 60), (600, 120), (math.inf, 300))
"""Up to which wait (s) it is told in which steps (s)."""

LEFT_OVER = 0.3
"""How likely one is to be left over whose place in a match two others want as well."""


def estimate(
    served: Iterable[tuple[float, float]], joined: Iterable[float], waiting: Mapping[str, int], roles: Sequence[str]
) -> dict[str, float | None]:
    """The wait to expect, for each role that one may name first.

    It depends on what has happened alone, not on the present time.

    Args:
        served: of those whom the latest matches seated, when they joined and when they were seated (s).
        joined: when those joined (s) who wait; the latest `ARRIVALS` are enough.
        waiting: {role: how many wait who name it first}.
        roles: all roles.

    Returns:
        Seconds for each role; None where too little has happened to tell.
    """
    served = list(served)
    arrivals = sorted([*(at for at, _ in served), *joined])
    gap = _mean_gap(arrivals[-ARRIVALS:])
    if gap is None or not served:
        return dict.fromkeys(roles, None)
    mean_wait = fmean(seated - at for at, seated in served)
    number = 1 + sum(waiting.values())
    next_match = max(gap, mean_wait + (SIZE / 2 - number) * gap)
    return {role: next_match + _left_over(waiting.get(role, 0)) * SIZE * gap for role in roles}


def rounded(wait: float) -> int:
    """The nearest whole step of seconds, and one at least: coarse, so that what is told moves rarely."""
    step = next(step for up_to, step in STEPS if wait <= up_to)
    return max(1, round(wait / step)) * step


def _mean_gap(times: Sequence[float]) -> float | None:
    """Seconds between arrivals."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return fmean(gaps) if gaps and sum(gaps) > 0 else None


def _left_over(ahead: int) -> float:
    """How likely the next match is to have no place for one before whom so many name the role first."""
    rivals = ahead + 1 - PLACES_PER_ROLE
    return LEFT_OVER * min(1.0, max(0, rivals) / PLACES_PER_ROLE)
