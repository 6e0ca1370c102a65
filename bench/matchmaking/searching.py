"""The search for the best match: against the exact solver, and how long a round takes."""

import math
import random
import time
from typing import Any

import numpy as np

from bench.matchmaking.evenings import PLAYERS, SPREAD
from bench.matchmaking.population import population
from matches.matchmaking import Ticket, propose
from matches.matchmaking.pool import Pool
from matches.matchmaking.proposing import beam_width
from matches.matchmaking.search import best_match
from tests.matches.matchmaking.exact import best_score

POOLS = 200
SMALLEST, LARGEST = 12, 16
LONGEST_WAIT = 400.0


def against_exact() -> dict[str, Any]:
    """How often the search finds a match as good as the best that there is, and the CPU time of both (s)."""
    same, with_a_match, seconds, exact_seconds = 0, 0, 0.0, 0.0
    for number in range(POOLS):
        tickets = _tickets(SMALLEST + number % (LARGEST - SMALLEST + 1), number, LONGEST_WAIT)
        oldest = min(tickets, key=lambda ticket: ticket.queued_at)
        start = time.process_time()
        found = best_match(Pool.of(tickets, oldest), 0, limit=math.inf, width=beam_width(len(tickets)))
        middle = time.process_time()
        exact = best_score(tickets, oldest, 0)
        exact_seconds += time.process_time() - middle
        seconds += middle - start
        same += math.isclose(found.score if found else math.inf, exact, abs_tol=1e-3)
        with_a_match += math.isfinite(exact)
    return {
        "pools": POOLS,
        "with_a_match": with_a_match,
        "same": same,
        "seconds": seconds / POOLS,
        "exact_seconds": exact_seconds / POOLS,
    }


def rounds() -> dict[str, Any]:
    """{how many wait: matches made and CPU time of a round (s), the median of three}."""
    found = {}
    for waiting in (10, 20, 50, 100, 1000, 10_000):
        took, made = [], []
        for number in range(3):
            tickets = _tickets(waiting, number, 120)
            start = time.process_time()
            made.append(len(propose(tickets, 0)))
            took.append(time.process_time() - start)
        found[str(waiting)] = {"seconds": float(np.median(took)), "matches": int(np.median(made))}
    return found


def _tickets(number: int, seed: int, longest_wait: float) -> list[Ticket]:
    chance = random.Random(f"pool {seed}")
    players = population(max(PLAYERS, number), SPREAD, chance)[:number]
    return [
        Ticket(one.player_id, one.rating, one.roles, -chance.uniform(0, longest_wait), one.blocked) for one in players
    ]
