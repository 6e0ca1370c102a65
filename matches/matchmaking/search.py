"""Step 2: the best match in a pool, by beam search: who plays, in which role, in which team.

A match is five pairs, one pair a role. The search tries each role of the anchor, the ticket that has to play:

1. It begins with all pairs for that role that have the anchor in them. These are the first partial matches.
2. It takes the other roles one by one and joins each partial match with each pair for the role, unless the
   two have a player in common or a block between them.
3. If more partial matches come of it than `width`, it keeps those with the best scores.
4. When all roles are filled, it splits each match into two teams in all 16 ways and takes the best.

If step 3 cuts nothing, the search is exact. Steps 1 and 2 reach every match with the anchor, each once: in a
match the anchor has one role, and each role has one pair. Step 4 finds the best split: of all terms of the score
only the gap depends on it, so that the split with the least gap is the best. The small pools of most evenings
are searched exactly.

Partial matches are rows of arrays, so that a step handles all of them at once.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

import matches.matchmaking.scoring as scoring
from matches.matchmaking.pool import Pool, masks
from users.roles import ROLES

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]

SPLITS = np.array([(1, *signs) for signs in product((1, -1), repeat=len(ROLES) - 1)], dtype=float).T
"""The ways to split five pairs into two teams, a column each: +1 if the first of the pair is in the first team.

The first pair is never turned round, since that would only swap the teams.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The match that a search has found.

    Attributes:
        teams: {role: position in the pool} for each of the two teams.
        cost: its cost, as `scoring` has it.
        score: its score, by which it was chosen.
    """

    teams: tuple[dict[str, int], dict[str, int]]
    cost: float
    score: float


@dataclass(frozen=True, slots=True)
class _Pairs:
    """All pairs for one role, an element a pair.

    Attributes:
        first: position of one of the two in the pool.
        second: position of the other.
        members: mask of both.
        conflicts: mask of all that they block or are blocked by.
        cost: of their roles.
        patience: of both together.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    members: Masks
    conflicts: Masks
    cost: Floats
    patience: Floats


@dataclass(frozen=True, slots=True)
class _Partial:
    """Partial matches, an element each: as `_Pairs`, over all pairs so far.

    Attributes:
        picks: {role: indices of the pairs chosen for it}.
    """

    members: Masks
    conflicts: Masks
    cost: Floats
    patience: Floats
    picks: dict[str, NDArray[np.intp]]


def best_match(pool: Pool, now: float, *, limit: float, width: int | None = None) -> Found | None:
    """The match with the best score among those with the pool's anchor whose cost is within the limit.

    Args:
        pool: the tickets to choose from.
        now: the present (Unix seconds).
        limit: the greatest acceptable cost.
        width: the beam width, that is how many partial matches are kept; all of them by default.

    Returns:
        The match; None if none was found.
    """
    return _Search(pool, now, width).best(limit)


class _Search:
    def __init__(self, pool: Pool, now: float, width: int | None) -> None:
        self._pool, self._width = pool, width
        self._ratings = np.array([ticket.rating for ticket in pool.tickets], dtype=float)
        self._variances = np.array([ticket.uncertainty**2 for ticket in pool.tickets], dtype=float)
        self._patience = scoring.patience(np.array([now - ticket.queued_at for ticket in pool.tickets]))
        self._conflicts = np.array(pool.conflicts, dtype=np.int64)
        self._pairs = {role: self._pairs_of(role) for role in ROLES}

    def best(self, limit: float) -> Found | None:
        own = self._pool.tickets[self._pool.anchor].roles
        found = [match for role in ROLES if role in own and (match := self._best_as(role, limit))]
        return min(found, key=lambda match: match.score, default=None)

    def _best_as(self, role: str, limit: float) -> Found | None:
        """The best match in which the anchor has this role."""
        pairs = self._pairs[role]
        with_anchor = np.flatnonzero(pairs.members & (1 << self._pool.anchor))
        partial = _Partial(
            pairs.members[with_anchor],
            pairs.conflicts[with_anchor],
            pairs.cost[with_anchor],
            pairs.patience[with_anchor],
            {role: with_anchor},
        )
        # Roles with few pairs come first: they leave fewer partial matches to join.
        others = sorted((other for other in ROLES if other != role), key=lambda other: len(self._pairs[other].cost))
        for other in others:
            partial = self._join(partial, other)
        return self._split(partial, limit)

    def _pairs_of(self, role: str) -> _Pairs:
        tickets = self._pool.tickets
        naming = np.array([index for index, ticket in enumerate(tickets) if role in ticket.roles], dtype=np.intp)
        role_cost = np.array([scoring.ROLE[tickets[index].roles.index(role)] for index in naming], dtype=float)
        one, other = np.triu_indices(len(naming), 1)
        first, second = naming[one], naming[other]
        compatible = (self._conflicts[first] & masks(second)) == 0
        one, other, first, second = one[compatible], other[compatible], first[compatible], second[compatible]
        return _Pairs(
            first,
            second,
            masks(first) | masks(second),
            self._conflicts[first] | self._conflicts[second],
            role_cost[one] + role_cost[other],
            self._patience[first] + self._patience[second],
        )

    def _join(self, partial: _Partial, role: str) -> _Partial:
        """Join partial matches with the pairs of a role, and keep the best `width` of what comes of it."""
        pairs = self._pairs[role]
        clash = (partial.members | partial.conflicts)[:, None] & pairs.members[None, :]
        rows, columns = np.nonzero(clash == 0)
        if self._width is not None and len(rows) > self._width:
            score = (partial.cost - partial.patience)[rows] + (pairs.cost - pairs.patience)[columns]
            score += scoring.RANGE * self._range(partial.members[rows] | pairs.members[columns])
            best = np.argpartition(score, self._width)[: self._width]
            rows, columns = rows[best], columns[best]
        return _Partial(
            partial.members[rows] | pairs.members[columns],
            partial.conflicts[rows] | pairs.conflicts[columns],
            partial.cost[rows] + pairs.cost[columns],
            partial.patience[rows] + pairs.patience[columns],
            {**{other: chosen[rows] for other, chosen in partial.picks.items()}, role: columns},
        )

    def _range(self, members: Masks) -> Floats:
        """The highest less the lowest rating. Positions rise with ratings: the outermost bits are the extremes."""
        highest = np.frexp(members.astype(float))[1] - 1
        lowest = np.frexp((members & -members).astype(float))[1] - 1
        spread: Floats = self._ratings[highest] - self._ratings[lowest]
        return spread

    def _split(self, matches: _Partial, limit: float) -> Found | None:
        """Split each match into teams, and take the best."""
        if not len(matches.cost):
            return None
        first = np.stack([self._pairs[role].first[matches.picks[role]] for role in ROLES], axis=1)
        second = np.stack([self._pairs[role].second[matches.picks[role]] for role in ROLES], axis=1)
        gaps = np.abs((self._ratings[first] - self._ratings[second]) @ SPLITS) / len(ROLES)
        split = gaps.argmin(axis=1)
        gap = gaps[np.arange(len(split)), split]
        variance = (self._variances[first] + self._variances[second]).sum(axis=1) / len(ROLES) ** 2
        cost = matches.cost + scoring.gap_cost(gap * scoring.certainty(variance))
        cost += scoring.RANGE * self._range(matches.members)
        score = np.where(cost <= limit, cost - matches.patience, np.inf)
        chosen = int(score.argmin())
        if score[chosen] == np.inf:
            return None
        sides = SPLITS[:, split[chosen]] > 0
        teams = [np.where(side, first[chosen], second[chosen]) for side in (sides, ~sides)]
        team_a, team_b = ({role: int(place) for role, place in zip(ROLES, team, strict=True)} for team in teams)
        return Found((team_a, team_b), float(cost[chosen]), float(score[chosen]))
