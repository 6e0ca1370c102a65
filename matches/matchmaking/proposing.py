"""The steps put together, one match after another."""

import math
import random
from collections.abc import Iterable

from matches.matchmaking.pool import Pool, Waiting
from matches.matchmaking.scoring import bar, is_lull
from matches.matchmaking.search import Found, best_match
from matches.matchmaking.selection import can_fill, oldest_ten
from matches.matchmaking.tickets import Proposal, Quality, Ticket
from users.roles import ROLES

WIDEST = 8000
"""Partial matches that a search keeps while few wait: enough to cut next to nothing."""

WIDTHS = 20_000
"""Partial matches that are kept in a round altogether, shared out among those who wait."""

NARROWEST = 40
"""Partial matches that a search keeps however many wait."""

PASSES = 50
"""How many tickets a round may pass over because no match would be good enough, and a fiftieth of those who wait."""


def propose(tickets: Iterable[Ticket], now: float, *, seed: int = 0) -> list[Proposal]:
    """Propose matches for those who wait, the longest waiting first.

    The ticket that has waited longest gets the best match that can be made around it, if that is
    good enough after such a wait, and is passed over until a later round otherwise; then the
    next. The order of `tickets` does not matter, and each player is in one proposal at most.

    Args:
        tickets: who waits.
        now: the time (Unix seconds) that waits are measured to.
        seed: settles which team picks first.

    Returns:
        The proposals, in the order in which they were found.
    """
    ordered = sorted(tickets, key=lambda ticket: (ticket.queued_at, ticket.player_id))
    waiting = Waiting(ordered)
    width = width_of_search(len(ordered))
    passes = PASSES + len(ordered) // 50
    lull = is_lull([ticket.queued_at for ticket in ordered], now)
    proposals: list[Proposal] = []
    while passes and can_fill(waiting):
        oldest = next(iter(waiting))
        limit = math.inf if lull else bar(now - oldest.queued_at)
        found = _best_around(oldest, waiting, now, limit, width)
        if found is None:
            waiting.remove([oldest.player_id])
            passes -= 1
        else:
            proposals.append(_proposal(*found, now, seed))
            waiting.remove(proposals[-1].player_ids)
    return proposals


def width_of_search(waiting: int) -> int:
    """How many partial matches each search of a round keeps where so many wait."""
    return max(NARROWEST, min(WIDEST, WIDTHS // max(1, waiting)))


def _best_around(oldest: Ticket, waiting: Waiting, now: float, limit: float, width: int) -> tuple[Pool, Found] | None:
    """The best match with this ticket whose cost is within the limit."""
    pool = waiting.pool(oldest)
    if found := best_match(pool, now, limit=limit, width=width):
        return pool, found
    if limit < math.inf:
        return None
    # Any match will do, and where the pool holds none there may be one elsewhere.
    ten = oldest_ten(list(waiting))
    if oldest not in ten:
        return None
    pool = Pool.of(ten, oldest)
    found = best_match(pool, now, limit=limit)
    return (pool, found) if found else None


def _proposal(pool: Pool, found: Found, now: float, seed: int) -> Proposal:
    teams = [{role: pool.tickets[place] for role, place in team.items()} for team in found.teams]
    everyone = [ticket for team in teams for ticket in team.values()]
    # Drawn by who plays, not by the order in which they were found.
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
