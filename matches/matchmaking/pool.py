"""Step 1: who comes into question beside the ticket that has waited longest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import matches.matchmaking.scoring as scoring
from matches.matchmaking.tickets import Ticket
from users.roles import ROLES

SIZE = 24
"""How many tickets a search looks at, unless roles call for more."""

PER_ROLE = 5
"""How many of them name each role at least, where there are as many."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The tickets of one search, by rising rating; sets of them are bit masks over this order.

    Attributes:
        tickets: by rating, then by waiting.
        seed: the position of the ticket that has to play.
        foes: for each, the mask of those who block it or whom it blocks.
    """

    tickets: tuple[Ticket, ...]
    seed: int
    foes: tuple[int, ...]

    @classmethod
    def of(cls, tickets: Iterable[Ticket], seed: Ticket) -> "Pool":
        """A pool of these tickets, of which `seed` is one."""
        ordered = tuple(sorted(tickets, key=lambda ticket: (ticket.rating, ticket.queued_at, ticket.player_id)))
        position = {ticket.player_id: index for index, ticket in enumerate(ordered)}
        foes = [0] * len(ordered)
        for index, ticket in enumerate(ordered):
            for other_id in ticket.blocked:
                other = position.get(other_id)
                if other is not None:
                    foes[index] |= 1 << other
                    foes[other] |= 1 << index
        return cls(ordered, position[seed.player_id], tuple(foes))


class Waiting:
    """Everyone who waits, from whom pools are drawn until all are seated or passed over.

    Args:
        tickets: the longest waiting first.
    """

    def __init__(self, tickets: Sequence[Ticket]) -> None:
        self._tickets = tickets
        self._there = np.ones(len(tickets), dtype=bool)
        self._position = {ticket.player_id: index for index, ticket in enumerate(tickets)}
        self._rating = np.array([ticket.rating for ticket in tickets], dtype=float)
        self._joined = np.array([ticket.queued_at for ticket in tickets], dtype=float)
        self._names = np.array([[role in ticket.roles for role in ROLES] for ticket in tickets], dtype=bool)

    def remove(self, player_ids: Iterable[str]) -> None:
        """They wait no longer."""
        self._there[[self._position[player_id] for player_id in player_ids]] = False

    def __iter__(self) -> Iterator[Ticket]:
        """Those who still wait, the longest waiting first."""
        return (self._tickets[index] for index in np.flatnonzero(self._there).tolist())

    def pool(self, seed: Ticket) -> Pool:
        """Those who suit this ticket best.

        That is by how much they would widen the range of ratings, and how long they have waited,
        in the proportion in which both count for a match; and enough of them for each role.
        """
        there = np.flatnonzero(self._there)
        if len(there) > SIZE:
            there = there[self._suitable(there, seed)]
        near = (self._tickets[index] for index in there.tolist())
        friends = [
            ticket
            for ticket in near
            if ticket.player_id not in seed.blocked and seed.player_id not in ticket.blocked and ticket is not seed
        ]
        return Pool.of([seed, *friends], seed)

    def _suitable(self, there: NDArray[np.intp], seed: Ticket) -> NDArray[np.intp]:
        apart = np.abs(self._rating[there] - seed.rating)
        unsuited = scoring.RANGE * apart + scoring.WAIT / 60 * (self._joined[there] - seed.queued_at)
        best = np.argsort(unsuited, kind="stable")
        named = self._names[there[best]]
        wanted = np.any(named & (np.cumsum(named, axis=0) <= PER_ROLE), axis=1)
        # The nearest fill up what the roles leave.
        wanted[: max(0, SIZE - wanted[SIZE:].sum())] = True
        return best[wanted]


def masks(positions: NDArray[np.intp]) -> NDArray[np.int64]:
    """Positions in a pool as bit masks."""
    return np.left_shift(np.int64(1), positions.astype(np.int64))
