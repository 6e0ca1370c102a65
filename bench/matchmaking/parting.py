"""Roles and teams for ten players who are already chosen: what the peers of our matchmaking share."""

import random
from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.optimize import linear_sum_assignment

from matches.matchmaking.tickets import Ticket
from users.roles import PLACES_PER_ROLE, ROLES

Team = dict[str, Ticket]

# More than all the preferences of ten players together: never worth it.
_UNNAMED = 1000


def split(pairs: dict[str, tuple[Ticket, Ticket]], *, seed: int = 0) -> tuple[Team, Team]:
    """Part the pairs into two teams whose ratings come as close as they can.

    Of equally good ways (each has a mirror image at least, with the other team picking first)
    one is drawn; the same seed and the same players draw the same.

    Args:
        pairs: the two tickets of each role.
        seed: settles ties.

    Returns:
        Team A and team B.
    """
    # Drawn by who plays, not by the order in which they were found.
    ids = sorted(ticket.player_id for pair in pairs.values() for ticket in pair)
    draw = random.Random(f"{seed} {' '.join(ids)}")
    roles = sorted(pairs)
    best: tuple[float, float] | None = None
    teams: tuple[Team, Team] = ({}, {})
    ordered = {role: sorted(pairs[role], key=lambda ticket: ticket.player_id) for role in roles}
    for sides in product((0, 1), repeat=len(roles)):
        team_a = {role: ordered[role][side] for role, side in zip(roles, sides, strict=True)}
        team_b = {role: ordered[role][1 - side] for role, side in zip(roles, sides, strict=True)}
        score = (rating_gap(team_a, team_b), draw.random())
        if best is None or score < best:
            best, teams = score, (team_a, team_b)
    return teams


def rating_gap(team_a: Team, team_b: Team) -> float:
    """The difference of the teams' mean ratings."""
    sums = [sum(ticket.rating for ticket in team.values()) for team in (team_a, team_b)]
    return abs(sums[0] - sums[1]) / len(team_a)


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
