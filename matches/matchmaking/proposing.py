"""The three steps together, one match after another."""

import math
import random
from collections.abc import Iterable

from matches.matchmaking.pool import Pool, Waiting
from matches.matchmaking.scoring import is_lull, max_cost
from matches.matchmaking.search import Found, best_match
from matches.matchmaking.selection import can_fill, oldest_ten
from matches.matchmaking.tickets import Proposal, Quality, Ticket
from users.roles import ROLES

MAX_WIDTH = 8000
"""Greatest beam width: partial matches that a search keeps while few wait. It cuts next to nothing."""

TOTAL_WIDTH = 20_000
"""Sum of the beam widths of a round, if each waiting ticket were the anchor of one search."""

MIN_WIDTH = 40
"""Least beam width, however many wait."""

MAX_PASSES = 50
"""Tickets that a round may pass over for want of a good match, besides a fiftieth of those who wait."""


def propose(tickets: Iterable[Ticket], now: float, *, seed: int = 0) -> list[Proposal]:
    """Propose matches for those who wait, the longest waiting first.

    The ticket that has waited longest gets the best match around it, if that is good enough after such a
    wait. Otherwise it is passed over until a later round. Then the next ticket follows. Each player is in at
    most one proposal. The order of `tickets` does not matter.

    Args:
        tickets: the waiting tickets.
        now: the present (Unix seconds).
        seed: seeds the draw of the team that picks first.

    Returns:
        The proposals, in the order in which they were found.
    """
    ordered = sorted(tickets, key=lambda ticket: (ticket.queued_at, ticket.player_id))
    waiting = Waiting(ordered)
    width = beam_width(len(ordered))
    passes = MAX_PASSES + len(ordered) // 50
    lull = is_lull([ticket.queued_at for ticket in ordered], now)
    proposals: list[Proposal] = []
    while passes and can_fill(waiting):
        oldest = next(iter(waiting))
        limit = math.inf if lull else max_cost(now - oldest.queued_at)
        found = _best_around(oldest, waiting, now, limit, width)
        if found is None:
            waiting.remove([oldest.player_id])
            passes -= 1
        else:
            proposals.append(_proposal(*found, now, seed))
            waiting.remove(proposals[-1].player_ids)
    return proposals


def beam_width(waiting: int) -> int:
    """How many partial matches each search of a round keeps while so many tickets wait."""
    return max(MIN_WIDTH, min(MAX_WIDTH, TOTAL_WIDTH // max(1, waiting)))


def _best_around(oldest: Ticket, waiting: Waiting, now: float, limit: float, width: int) -> tuple[Pool, Found] | None:
    """The best match with this ticket whose cost is within the limit, and the pool it was found in."""
    pool = waiting.pool(oldest)
    if found := best_match(pool, now, limit=limit, width=width):
        return pool, found
    if limit < math.inf:
        return None
    # Any match will do now. The pool holds none, but there may be one with tickets outside of it.
    ten = oldest_ten(list(waiting))
    if oldest not in ten:
        return None
    pool = Pool.of(ten, oldest)
    found = best_match(pool, now, limit=limit)
    return (pool, found) if found else None


def _proposal(pool: Pool, found: Found, now: float, seed: int) -> Proposal:
    teams = [{role: pool.tickets[place] for role, place in team.items()} for team in found.teams]
    everyone = [ticket for team in teams for ticket in team.values()]
    # The draw depends on the players alone, not on the order in which the search found them.
    ids = sorted(ticket.player_id for ticket in everyone)
    if random.Random(f"{seed} {' '.join(ids)}").random() < 0.5:
        teams.reverse()
    sums = [sum(ticket.rating for ticket in team.values()) for team in teams]
    ratings = [ticket.rating for ticket in everyone]
    team_a, team_b = ({role: team[role].player_id for role in ROLES} for team in teams)
    return Proposal(
        team_a=team_a,
        team_b=team_b,
        quality=Quality(
            rating_gap=abs(sums[0] - sums[1]) / len(ROLES),
            rating_range=max(ratings) - min(ratings),
            preference=sum(ticket.roles.index(role) for team in teams for role, ticket in team.items()),
            longest_wait=now - min(ticket.queued_at for ticket in everyone),
            cost=found.cost,
        ),
    )
