"""Step 2: of the tickets in a pool, who plays with whom in which role.

A match is five pairs, one a role. Pairs are joined role by role, beginning with the ticket that
has to play: all partial matches at once, as rows of arrays, each with each pair of the next role
that has nobody in common with it and nobody at odds. Where that gives more partial matches than
`width`, the best are kept. Whatever is not cut is searched completely: for the small pools of
most evenings the outcome is the best match there is.

At the end each match is parted into two teams in all 16 ways at once.
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
"""The ways to part five pairs into two teams: a column a way, +1 where the first of a pair is in the first team."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match in terms of a pool.

    Attributes:
        teams: for each of the two teams {role: position in the pool}.
        cost: what its players would mind.
        score: what it was chosen by.
    """

    teams: tuple[dict[str, int], dict[str, int]]
    cost: float
    score: float


@dataclass(frozen=True, slots=True)
class _Pairs:
    """All pairs for one role: the positions of both, who they are and whom they are at odds with, their score."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    members: Masks
    foes: Masks
    cost: Floats
    patience: Floats


@dataclass(frozen=True, slots=True)
class _Partial:
    """Partial matches: who is in, who cannot be, sums over the pairs so far, and which pair for each role."""

    members: Masks
    foes: Masks
    cost: Floats
    patience: Floats
    picks: dict[str, NDArray[np.intp]]


def best_match(pool: Pool, now: float, *, limit: float, width: int | None = None) -> Found | None:
    """The match of the best score, with the pool's seed, of those whose cost is within the limit.

    Args:
        pool: who comes into question.
        now: the time that waits are measured to (Unix seconds).
        limit: the greatest acceptable cost.
        width: how many partial matches are kept; all of them by default.

    Returns:
        The match; None where none was found.
    """
    return _Search(pool, now, width).best(limit)


class _Search:
    """The search of one pool."""

    def __init__(self, pool: Pool, now: float, width: int | None) -> None:
        self._pool, self._width = pool, width
        self._ratings = np.array([ticket.rating for ticket in pool.tickets], dtype=float)
        self._variances = np.array([ticket.uncertainty**2 for ticket in pool.tickets], dtype=float)
        self._patience = scoring.patience(np.array([now - ticket.queued_at for ticket in pool.tickets]))
        self._foes = np.array(pool.foes, dtype=np.int64)
        self._pairs = {role: self._pairs_of(role) for role in ROLES}

    def best(self, limit: float) -> Found | None:
        """The best match within the limit."""
        own = self._pool.tickets[self._pool.seed].roles
        found = [match for role in ROLES if role in own and (match := self._best_as(role, limit))]
        return min(found, key=lambda match: match.score, default=None)

    def _best_as(self, role: str, limit: float) -> Found | None:
        """The best match in which the ticket that has to play has this role."""
        pairs = self._pairs[role]
        with_seed = np.flatnonzero(pairs.members & (1 << self._pool.seed))
        partial = _Partial(
            pairs.members[with_seed],
            pairs.foes[with_seed],
            pairs.cost[with_seed],
            pairs.patience[with_seed],
            {role: with_seed},
        )
        others = sorted((other for other in ROLES if other != role), key=lambda other: len(self._pairs[other].cost))
        for other in others:
            partial = self._join(partial, other)
        return self._part(partial, limit)

    def _pairs_of(self, role: str) -> _Pairs:
        tickets = self._pool.tickets
        naming = np.array([index for index, ticket in enumerate(tickets) if role in ticket.roles], dtype=np.intp)
        mind = np.array([scoring.ROLE[tickets[index].roles.index(role)] for index in naming], dtype=float)
        one, other = np.triu_indices(len(naming), 1)
        first, second = naming[one], naming[other]
        peace = (self._foes[first] & masks(second)) == 0
        one, other, first, second = one[peace], other[peace], first[peace], second[peace]
        return _Pairs(
            first,
            second,
            masks(first) | masks(second),
            self._foes[first] | self._foes[second],
            mind[one] + mind[other],
            self._patience[first] + self._patience[second],
        )

    def _join(self, partial: _Partial, role: str) -> _Partial:
        """Each partial match with each pair of the role that goes with it, or the best of these."""
        pairs = self._pairs[role]
        clash = (partial.members | partial.foes)[:, None] & pairs.members[None, :]
        rows, columns = np.nonzero(clash == 0)
        if self._width is not None and len(rows) > self._width:
            score = (partial.cost - partial.patience)[rows] + (pairs.cost - pairs.patience)[columns]
            score += scoring.RANGE * self._range(partial.members[rows] | pairs.members[columns])
            best = np.argpartition(score, self._width)[: self._width]
            rows, columns = rows[best], columns[best]
        return _Partial(
            partial.members[rows] | pairs.members[columns],
            partial.foes[rows] | pairs.foes[columns],
            partial.cost[rows] + pairs.cost[columns],
            partial.patience[rows] + pairs.patience[columns],
            {**{other: chosen[rows] for other, chosen in partial.picks.items()}, role: columns},
        )

    def _range(self, members: Masks) -> Floats:
        """The highest less the lowest rating; positions rise with ratings."""
        highest = np.frexp(members.astype(float))[1] - 1
        lowest = np.frexp((members & -members).astype(float))[1] - 1
        spread: Floats = self._ratings[highest] - self._ratings[lowest]
        return spread

    def _part(self, matches: _Partial, limit: float) -> Found | None:
        """Part each match into teams, and take the best."""
        if not len(matches.cost):
            return None
        first = np.stack([self._pairs[role].first[matches.picks[role]] for role in ROLES], axis=1)
        second = np.stack([self._pairs[role].second[matches.picks[role]] for role in ROLES], axis=1)
        gaps = np.abs((self._ratings[first] - self._ratings[second]) @ SPLITS) / len(ROLES)
        split = gaps.argmin(axis=1)
        gap = gaps[np.arange(len(split)), split]
        variance = (self._variances[first] + self._variances[second]).sum(axis=1) / len(ROLES) ** 2
        cost = matches.cost + scoring.uneven(gap * scoring.certainty(variance))
        cost += scoring.RANGE * self._range(matches.members)
        score = np.where(cost <= limit, cost - matches.patience, np.inf)
        chosen = int(score.argmin())
        if score[chosen] == np.inf:
            return None
        sides = SPLITS[:, split[chosen]] > 0
        teams = [np.where(side, first[chosen], second[chosen]) for side in (sides, ~sides)]
        team_a, team_b = ({role: int(place) for role, place in zip(ROLES, team, strict=True)} for team in teams)
        return Found((team_a, team_b), float(cost[chosen]), float(score[chosen]))
