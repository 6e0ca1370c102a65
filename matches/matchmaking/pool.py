"""Step 1: the pool of tickets that a search looks at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import matches.matchmaking.scoring as scoring
from matches.matchmaking.tickets import Ticket
from users.roles import ROLES

POOL_SIZE = 24
"""Tickets in a pool, unless the roles need more."""

POOL_PER_ROLE = 5
"""Tickets in a pool that name each role, at least, if so many wait."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The tickets of one search, by rising rating. A set of them is a bit mask over this order.

    Attributes:
        tickets: by rating, then by the time of joining.
        anchor: the position of the ticket that has to play: the one that has waited longest.
        conflicts: for each ticket, the mask of those that block it or that it blocks.
    """

    tickets: tuple[Ticket, ...]
    anchor: int
    conflicts: tuple[int, ...]

    @classmethod
    def of(cls, tickets: Iterable[Ticket], anchor: Ticket) -> "Pool":
        """A pool of these tickets, of which `anchor` is one."""
        ordered = tuple(sorted(tickets, key=lambda ticket: (ticket.rating, ticket.queued_at, ticket.player_id)))
        position = {ticket.player_id: index for index, ticket in enumerate(ordered)}
        conflicts = [0] * len(ordered)
        for index, ticket in enumerate(ordered):
            for other_id in ticket.blocked:
                other = position.get(other_id)
                if other is not None:
                    conflicts[index] |= 1 << other
                    conflicts[other] |= 1 << index
        return cls(ordered, position[anchor.player_id], tuple(conflicts))


class Waiting:
    """The tickets of a round that are neither seated nor passed over so far.

    Args:
        tickets: the longest waiting first.
    """

    def __init__(self, tickets: Sequence[Ticket]) -> None:
        self._tickets = tickets
        self._waiting = np.ones(len(tickets), dtype=bool)
        self._position = {ticket.player_id: index for index, ticket in enumerate(tickets)}
        self._rating = np.array([ticket.rating for ticket in tickets], dtype=float)
        self._joined = np.array([ticket.queued_at for ticket in tickets], dtype=float)
        self._names = np.array([[role in ticket.roles for role in ROLES] for ticket in tickets], dtype=bool)

    def remove(self, player_ids: Iterable[str]) -> None:
        """Take out players who have been seated or passed over."""
        self._waiting[[self._position[player_id] for player_id in player_ids]] = False

    def __iter__(self) -> Iterator[Ticket]:
        """The tickets that are left, the longest waiting first."""
        return (self._tickets[index] for index in np.flatnonzero(self._waiting).tolist())

    def pool(self, anchor: Ticket) -> Pool:
        """The pool around this ticket: the tickets that suit it best, with enough of them for each role.

        A ticket suits the better the less it would widen the range of ratings and the longer it has waited.
        Both weigh as they do in the score of a match.
        """
        waiting = np.flatnonzero(self._waiting)
        if len(waiting) > POOL_SIZE:
            waiting = waiting[self._nearest(waiting, anchor)]
        near = (self._tickets[index] for index in waiting.tolist())
        compatible = [
            ticket
            for ticket in near
            if ticket.player_id not in anchor.blocked
            and anchor.player_id not in ticket.blocked
            and ticket is not anchor
        ]
        return Pool.of([anchor, *compatible], anchor)

    def _nearest(self, waiting: NDArray[np.intp], anchor: Ticket) -> NDArray[np.intp]:
        apart = np.abs(self._rating[waiting] - anchor.rating)
        distance = scoring.RANGE * apart + scoring.WAIT / 60 * (self._joined[waiting] - anchor.queued_at)
        best = np.argsort(distance, kind="stable")
        named = self._names[waiting[best]]
        wanted = np.any(named & (np.cumsum(named, axis=0) <= POOL_PER_ROLE), axis=1)
        # The nearest tickets take the places that the roles have left.
        wanted[: max(0, POOL_SIZE - wanted[POOL_SIZE:].sum())] = True
        return best[wanted]


def masks(positions: NDArray[np.intp]) -> NDArray[np.int64]:
    """Positions in a pool as bit masks of one bit each."""
    return np.left_shift(np.int64(1), positions.astype(np.int64))
