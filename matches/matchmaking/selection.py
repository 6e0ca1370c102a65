"""The ten tickets that have waited longest and can play together.

The sets of tickets that can be given distinct places form a transversal matroid. Going through
the tickets from the oldest and keeping each that can still be placed beside those already kept
therefore finds the ten that come first by waiting time, compared one by one from the oldest.
"""

from collections.abc import Iterable, Sequence

from matches.matchmaking.tickets import Ticket
from users.roles import PLACES_PER_ROLE, ROLES

MATCH_SIZE = PLACES_PER_ROLE * len(ROLES)


class Places:
    """The places of a match, filled one ticket at a time.

    A place is provisional: a later ticket may move earlier ones to other roles that they have named.
    """

    def __init__(self) -> None:
        self._holders: dict[str, list[Ticket]] = {role: [] for role in ROLES}
        # A set of roles that has found no place will never find one, since places only fill up.
        self._hopeless: set[frozenset[str]] = set()

    def take(self, ticket: Ticket) -> bool:
        """Place this ticket beside those already placed, if that is possible.

        Returns:
            Whether it was placed.
        """
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
    """The ten tickets that have waited longest and can play together.

    Args:
        tickets: the waiting tickets, oldest first.

    Returns:
        The tickets, oldest first; an empty list if no ten can play together.
    """
    # A pass goes from the oldest on and leaves out each ticket with a block between it and one already kept. If
    # fewer than ten are kept, the oldest that kept another out is set aside, and a further pass begins. So one
    # player with many blocks holds up nobody else.
    while True:
        chosen, in_the_way = _pass_through(tickets)
        if len(chosen) == MATCH_SIZE:
            return chosen
        if not in_the_way or not can_fill(tickets):
            return []
        aside = next(ticket.player_id for ticket in chosen if ticket.player_id in in_the_way)
        tickets = [ticket for ticket in tickets if ticket.player_id != aside]


def _pass_through(tickets: Iterable[Ticket]) -> tuple[list[Ticket], set[str]]:
    """One pass from the oldest ticket on.

    Returns:
        The tickets that it keeps, and the ids of those among them that kept another out.
    """
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
            if len(kept) == MATCH_SIZE:
                break
    return list(kept.values()), in_the_way


def can_fill(tickets: Iterable[Ticket]) -> bool:
    """Whether these tickets would give a match if there were no blocks."""
    places = Places()
    placed = 0
    for ticket in tickets:
        placed += places.take(ticket)
        if placed == MATCH_SIZE:
            return True
    return False
