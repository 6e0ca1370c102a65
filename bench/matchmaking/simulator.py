"""An evening in simulated time: players join, a matchmaker works, matches are played."""

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bench.matchmaking.population import Player
from matches.matchmaking import Proposal, Ticket

Propose = Callable[[list[Ticket], float, int], list[Proposal]]
Observe = Callable[[Ticket, "dict[str, Ticket]", "Record"], None]

PLAYED = (1000.0, 1400.0)
"""Seconds from the match to the report that frees its players, from and to."""

VOID_AFTER = 250.0
"""Seconds after which a match is void in which somebody did not show up."""


@dataclass(frozen=True, slots=True)
class Matchmaker:
    """A way of making matches, and when it is asked.

    Attributes:
        name: what it is called in tables.
        propose: tickets, time and a seed in, proposals out.
        every: seconds between rounds.
        on_join: whether each joining player brings on a round besides.
    """

    name: str
    propose: Propose
    every: float
    on_join: bool = False


@dataclass(slots=True)
class Record:
    """What came of one evening.

    Attributes:
        proposals: each match made: time, proposal, the tickets of its players by id.
        returned_at: when a player returned from a void match, by id and first time of joining.
        left: the tickets of those who still waited at the end.
        ended: the time of the end (s).
    """

    ended: float
    proposals: list[tuple[float, Proposal, dict[str, Ticket]]] = field(default_factory=list)
    returned_at: dict[tuple[str, float], float] = field(default_factory=dict)
    left: list[Ticket] = field(default_factory=list)


def simulate(
    matchmaker: Matchmaker,
    players: Sequence[Player],
    arrivals: Iterable[float],
    *,
    seconds: float,
    seed: int,
    no_shows: float = 0.0,
    observe: Observe | None = None,
) -> Record:
    """Let players come at these times and a matchmaker seat them.

    At each arrival somebody joins who neither waits nor plays. Who is matched plays for about
    twenty minutes and is then free to come again. Where one of the ten does not show up, the
    match is void after a while and the others wait again as from when they first joined.

    Args:
        matchmaker: who makes the matches.
        players: who may come.
        arrivals: the times at which somebody comes (s), rising.
        seconds: how long it lasts.
        seed: of all that is left to chance.
        no_shows: the share of seats that stay empty.
        observe: told of each who joins, beside those who wait and what has been so far.
    """
    chance = random.Random(f"evening {seed}")
    idle = sorted(players, key=lambda player: player.player_id)
    by_id = {player.player_id: player for player in players}
    waiting: dict[str, Ticket] = {}
    record = Record(ended=seconds)
    events: list[tuple[float, int, str, object]] = [(at, 0, "join", None) for at in arrivals]
    count = int(seconds / matchmaker.every)
    events += [(matchmaker.every * (index + 1), 1, "round", None) for index in range(count)]
    heapq.heapify(events)
    number = 2  # orders events of one moment as they were made
    while events and events[0][0] <= seconds:
        now, _, what, detail = heapq.heappop(events)
        if what == "join":
            if not idle:
                continue
            player = idle.pop(chance.randrange(len(idle)))
            ticket = Ticket(player.player_id, player.rating, player.roles, now, player.blocked)
            if observe is not None:
                observe(ticket, waiting, record)
            waiting[player.player_id] = ticket
            if not matchmaker.on_join:
                continue
        elif what == "free":
            idle += [by_id[player_id] for player_id in detail]  # type: ignore[attr-defined]
            continue
        elif what == "void":
            for ticket in detail:  # type: ignore[attr-defined]
                waiting[ticket.player_id] = ticket
                record.returned_at[ticket.player_id, ticket.queued_at] = now
        if len(waiting) < 10:
            continue
        for proposal in matchmaker.propose(list(waiting.values()), now, seed):
            seated = {player_id: waiting.pop(player_id) for player_id in sorted(proposal.player_ids)}
            record.proposals.append((now, proposal, seated))
            absent = {player_id for player_id in seated if chance.random() < no_shows}
            number += 1
            if absent:
                innocent = [ticket for player_id, ticket in seated.items() if player_id not in absent]
                heapq.heappush(events, (now + VOID_AFTER, number, "void", innocent))
                number += 1
                heapq.heappush(events, (now + 1800, number, "free", sorted(absent)))
            else:
                heapq.heappush(events, (now + chance.uniform(*PLAYED), number, "free", sorted(seated)))
    record.left = list(waiting.values())
    return record
