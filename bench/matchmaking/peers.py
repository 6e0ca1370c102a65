"""Other ways of making matches, for comparison.

Each is an idea, written anew in its simplest form. Roles are given and teams are parted by the
same functions as ours has for a given ten, so that what differs is whom they bring together.
"""

from collections.abc import Sequence

from bench.matchmaking.parting import assign, preference, rating_gap, split
from bench.matchmaking.simulator import Matchmaker
from matches.matchmaking import Proposal, Quality, Ticket
from matches.matchmaking.selection import MATCH_SIZE, Places, oldest_ten

FAF_START = 300.0
"""Greatest difference of ratings that is accepted at first (points)."""

FAF_GROWTH = 2.0
"""How much further it may be for each second of waiting (points)."""


def from_the_top(tickets: list[Ticket], now: float, seed: int) -> list[Proposal]:
    """The predecessor's idea: the first feasible ten from the upper end of the list of ratings."""
    waiting = sorted(tickets, key=lambda ticket: (-ticket.rating, ticket.player_id))
    made = []
    while len(ten := _first_feasible(waiting)) == MATCH_SIZE:
        made.append(_propose(ten, now, seed))
        waiting = [ticket for ticket in waiting if ticket not in ten]
    return made


def first_come(tickets: list[Ticket], now: float, seed: int) -> list[Proposal]:
    """First come, first served: the oldest ten that can play together, without blocked pairs."""
    waiting = sorted(tickets, key=lambda ticket: (ticket.queued_at, ticket.player_id))
    made = []
    while ten := oldest_ten(waiting):
        made.append(_propose(ten, now, seed))
        waiting = [ticket for ticket in waiting if ticket not in ten]
    return made


def widening(tickets: list[Ticket], now: float, seed: int) -> list[Proposal]:
    """As FAF's matchmaker does it: ratings that lie near each other, how near depending on both waits.

    Everyone accepts others within a distance that grows with the own wait. The oldest looks for
    nine who accept it and whom it accepts, the nearest first; who finds none is passed over.
    """
    waiting = sorted(tickets, key=lambda ticket: (ticket.queued_at, ticket.player_id))
    made: list[Proposal] = []
    gone: set[str] = set()
    for oldest in waiting:
        if oldest.player_id in gone:
            continue
        near = sorted(
            (
                ticket
                for ticket in waiting
                if ticket.player_id not in gone
                and abs(ticket.rating - oldest.rating) <= min(_reach(ticket, now), _reach(oldest, now))
            ),
            key=lambda ticket: (ticket is not oldest, abs(ticket.rating - oldest.rating), ticket.player_id),
        )
        if ten := oldest_ten(near):
            made.append(_propose(ten, now, seed))
            gone |= {ticket.player_id for ticket in ten}
    return made


def _reach(ticket: Ticket, now: float) -> float:
    return FAF_START + FAF_GROWTH * (now - ticket.queued_at)


def _first_feasible(waiting: Sequence[Ticket]) -> list[Ticket]:
    places = Places()
    kept: list[Ticket] = []
    for ticket in waiting:
        if places.take(ticket):
            kept.append(ticket)
            if len(kept) == MATCH_SIZE:
                break
    return kept


def _propose(ten: list[Ticket], now: float, seed: int) -> Proposal:
    pairs = assign(ten)
    team_a, team_b = split(pairs, seed=seed)
    return Proposal(
        team_a={role: ticket.player_id for role, ticket in team_a.items()},
        team_b={role: ticket.player_id for role, ticket in team_b.items()},
        quality=Quality(
            rating_gap=rating_gap(team_a, team_b),
            rating_range=max(ticket.rating for ticket in ten) - min(ticket.rating for ticket in ten),
            preference=preference(pairs),
            longest_wait=now - min(ticket.queued_at for ticket in ten),
            cost=0,
        ),
    )


PREDECESSOR = Matchmaker("first feasible ten from the top, every 120 s", from_the_top, every=120)
FIRST_COME = Matchmaker("first come, first served", first_come, every=5, on_join=True)
WIDENING = Matchmaker("FAF-like: widening reach", widening, every=5, on_join=True)
