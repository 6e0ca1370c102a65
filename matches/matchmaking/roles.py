"""Step 2: which of the ten plays which role."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from matches.matchmaking.tickets import PLACES_PER_ROLE, Ticket
from users.roles import ROLES

# More than all the preferences of ten players together: never worth it.
_UNNAMED = 1000


def assign(tickets: Sequence[Ticket]) -> dict[str, tuple[Ticket, Ticket]]:
    """Give each of ten tickets one of its roles, two tickets a role.

    The sum over players of the role's place in their own order is the least there is.

    Args:
        tickets: ten that can be placed; their order settles ties.

    Returns:
        The two tickets of each role.
    """
    costs = np.array(
        [
            [
                ticket.roles.index(role) if role in ticket.roles else _UNNAMED
                for role in ROLES
                for _ in range(PLACES_PER_ROLE)
            ]
            for ticket in tickets
        ]
    )
    rows, columns = linear_sum_assignment(costs)
    placed: dict[str, list[Ticket]] = {role: [] for role in ROLES}
    for row, column in zip(rows, columns, strict=True):
        placed[ROLES[column // PLACES_PER_ROLE]].append(tickets[row])
    return {role: (first, second) for role, (first, second) in placed.items()}


def preference(pairs: dict[str, tuple[Ticket, Ticket]]) -> int:
    """The sum over players of the place (from 0) that their role has in their own order."""
    return sum(ticket.roles.index(role) for role, pair in pairs.items() for ticket in pair)
