"""Whether there are ten who can play together, and which are the oldest.

The sets of tickets that can be given distinct places form a transversal matroid. Going through
the tickets from the oldest and keeping each that can still be placed beside those already kept
therefore finds the ten that come first by waiting time, compared one by one from the oldest.
"""

from collections.abc import Iterable, Sequence

from matches.matchmaking.tickets import Ticket
from users.roles import PLACES_PER_ROLE, ROLES

SIZE = PLACES_PER_ROLE * len(ROLES)


class Places:
    """A match in the making: who could take which place, for now.

    The places taken are provisional: a newcomer may move others to further roles of theirs.
    """

    def __init__(self) -> None:
        self._holders: dict[str, list[Ticket]] = {role: [] for role in ROLES}
        # Once a set of roles finds no place it never will: places only fill up.
        self._hopeless: set[frozenset[str]] = set()

    def take(self, ticket: Ticket) -> bool:
        """Place this ticket if there is a way to, beside those already placed; says whether it was."""
        roles = frozenset(ticket.roles)
        if roles in self._hopeless:
            return False
        if not self._place(ticket, set()):
            self._hopeless.add(roles)
            return False
        return True

    def _place(self, ticket: Ticket, tried: set[str]) -> bool:
        """Find an augmenting path from this ticket to a free place, and follow it."""
        for role in ticket.roles:
            holders = self._holders.get(role)
            if holders is None or role in tried:
                continue
            tried.add(role)
            if len(holders) < PLACES_PER_ROLE:
                holders.append(ticket)
                return True
            for position, holder in enumerate(holders):
                if self._place(holder, tried):
                    holders[position] = ticket
                    return True
        return False


def oldest_ten(tickets: Sequence[Ticket]) -> list[Ticket]:
    """The oldest ten tickets that can play together, oldest first; an empty list where there are none.

    A ticket that blocks one already kept, or is blocked by one, is passed over. Where that leaves
    fewer than ten, the oldest kept ticket that stood in another's way is set aside and the search
    begins anew, so that one who is at odds with many holds up nobody else.

    Args:
        tickets: the waiting tickets, oldest first.
    """
    while True:
        chosen, in_the_way = _pass_through(tickets)
        if len(chosen) == SIZE:
            return chosen
        if not in_the_way or not can_fill(tickets):
            return []
        aside = next(ticket.player_id for ticket in chosen if ticket.player_id in in_the_way)
        tickets = [ticket for ticket in tickets if ticket.player_id != aside]


def _pass_through(tickets: Iterable[Ticket]) -> tuple[list[Ticket], set[str]]:
    """One pass from the oldest on: whom it keeps, and which of them stood in somebody's way."""
    places = Places()
    kept: dict[str, Ticket] = {}
    blocked_by_kept: set[str] = set()
    in_the_way: set[str] = set()
    for ticket in tickets:
        if ticket.player_id in blocked_by_kept or not ticket.blocked.isdisjoint(kept):
            in_the_way.update(
                other_id
                for other_id, other in kept.items()
                if other_id in ticket.blocked or ticket.player_id in other.blocked
            )
        elif places.take(ticket):
            kept[ticket.player_id] = ticket
            blocked_by_kept |= ticket.blocked
            if len(kept) == SIZE:
                break
    return list(kept.values()), in_the_way


def can_fill(tickets: Iterable[Ticket]) -> bool:
    """Whether these would give a match if nobody blocked anybody."""
    places = Places()
    placed = 0
    for ticket in tickets:
        placed += places.take(ticket)
        if placed == SIZE:
            return True
    return False
