"""The three steps, one match after another."""

from collections.abc import Iterable

from matches.matchmaking.roles import assign, preference
from matches.matchmaking.selection import oldest_ten
from matches.matchmaking.teams import rating_gap, split
from matches.matchmaking.tickets import Proposal, Quality, Ticket


def propose(tickets: Iterable[Ticket], now: float, *, seed: int = 0) -> list[Proposal]:
    """Propose as many matches as the waiting tickets give, the longest waiting first.

    The order of `tickets` does not matter, and each player is in one proposal at most.

    Args:
        tickets: who waits.
        now: the time (Unix seconds) that waits are measured to.
        seed: settles ties between equally good teams.

    Returns:
        The proposals, in the order in which they were found.
    """
    waiting = sorted(tickets, key=lambda ticket: (ticket.queued_at, ticket.player_id))
    proposals: list[Proposal] = []
    while chosen := oldest_ten(waiting):
        proposals.append(_propose_one(chosen, now, seed))
        gone = {ticket.player_id for ticket in chosen}
        waiting = [ticket for ticket in waiting if ticket.player_id not in gone]
    return proposals


def _propose_one(chosen: list[Ticket], now: float, seed: int) -> Proposal:
    pairs = assign(chosen)
    team_a, team_b = split(pairs, seed=seed)
    return Proposal(
        team_a={role: ticket.player_id for role, ticket in team_a.items()},
        team_b={role: ticket.player_id for role, ticket in team_b.items()},
        quality=Quality(
            rating_gap=rating_gap(team_a, team_b),
            preference=preference(pairs),
            longest_wait=now - min(ticket.queued_at for ticket in chosen),
        ),
    )
