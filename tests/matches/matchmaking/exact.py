"""The best match of a few tickets by mixed integer programming: slow, and nothing is left untried.

The same objective as `matches.matchmaking.scoring` has, written down a second time and solved by
HiGHS: who plays (x), for which team and role; the gap between the teams and the range of their
ratings are variables that the constraints push up and the objective pushes down.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from matches.matchmaking import Ticket, scoring
from users.roles import ROLES

EXACT = 1e-6
"""By how much the solution may be off, relative to the objective."""


def best_score(tickets: Sequence[Ticket], anchor: Ticket, now: float) -> float:
    """The least score of a match that has the anchor in it; infinite where there is no match."""
    places = [(index, role, team) for index, ticket in enumerate(tickets) for role in ticket.roles for team in (0, 1)]
    gap, large, high, low = range(len(places), len(places) + 4)
    width = len(places) + 4
    ratings = np.array([ticket.rating for ticket in tickets])
    floor, ceiling = ratings.min(), ratings.max()

    objective = np.zeros(width)
    waits = np.array([now - ticket.queued_at for ticket in tickets])
    late = np.maximum(0, waits - scoring.HARD_LIMIT)
    patience = scoring.WAIT / 60 * (waits + scoring.OVERDUE * late)
    for column, (index, role, _) in enumerate(places):
        objective[column] = scoring.ROLE[tickets[index].roles.index(role)] - patience[index]
    objective[[gap, large, high, low]] = (
        scoring.GAP,
        scoring.LARGE_GAP - scoring.GAP,
        scoring.RANGE,
        -scoring.RANGE,
    )

    rows: list[tuple[dict[int, float], float, float]] = []
    for role in ROLES:
        for team in (0, 1):
            filled = {column: 1.0 for column, place in enumerate(places) if place[1:] == (role, team)}
            rows.append((filled, 1, 1))
    chosen = [
        {column: 1.0 for column, place in enumerate(places) if place[0] == index} for index in range(len(tickets))
    ]
    for index, ticket in enumerate(tickets):
        rows.append((chosen[index], 1 if ticket is anchor else 0, 1))
        rows.append((dict.fromkeys(chosen[index], ticket.rating - floor) | {high: -1}, -math.inf, -floor))
        rows.append((dict.fromkeys(chosen[index], ceiling - ticket.rating) | {low: 1}, -math.inf, ceiling))
        for other_index, other in enumerate(tickets[:index]):
            if other.player_id in ticket.blocked or ticket.player_id in other.blocked:
                rows.append((chosen[index] | chosen[other_index], 0, 1))
    for sign in (1, -1):
        apart = {
            column: sign * (1 if team else -1) * tickets[index].rating / len(ROLES)
            for column, (index, _, team) in enumerate(places)
        }
        rows.append((apart | {gap: -1}, -math.inf, 0))
    rows.append(({gap: 1, large: -1}, -math.inf, scoring.LARGE))

    matrix = lil_matrix((len(rows), width))
    for number, (row, _, _) in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    integer = np.append(np.ones(len(places)), np.zeros(4))
    solution = milp(
        objective,
        constraints=LinearConstraint(matrix.tocsr(), [row[1] for row in rows], [row[2] for row in rows]),
        integrality=integer,
        bounds=Bounds(np.append(np.zeros(width - 2), [floor, floor]), np.append(np.ones(len(places)), [1e4] * 4)),
        options={"mip_rel_gap": EXACT},
    )
    return float(solution.fun) if solution.success else math.inf
