"""Step 3: which of each pair plays for which team."""

import random
from itertools import product

from matches.matchmaking.tickets import Ticket

Team = dict[str, Ticket]


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
