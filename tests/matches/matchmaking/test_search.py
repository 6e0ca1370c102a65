"""The search against an exact solver, and how long it takes."""

import math

import pytest

from matches.matchmaking import propose
from matches.matchmaking.pool import Pool
from matches.matchmaking.proposing import MAX_WIDTH
from matches.matchmaking.search import best_match
from tests.matches.matchmaking.exact import best_score
from tests.matches.matchmaking.tickets import NOW, random_tickets


@pytest.mark.parametrize("number", range(10))
def test_the_match_found_is_the_best_there_is(number):
    tickets = random_tickets(12 + number % 5, seed=number)
    oldest = min(tickets, key=lambda ticket: ticket.queued_at)
    found = best_match(Pool.of(tickets, oldest), NOW, limit=math.inf, width=MAX_WIDTH)
    exact = best_score(tickets, oldest, NOW)
    assert (found.score if found else math.inf) == pytest.approx(exact, abs=1e-3)


def test_the_limit_is_kept():
    tickets = random_tickets(16, seed=1)
    oldest = min(tickets, key=lambda ticket: ticket.queued_at)
    pool = Pool.of(tickets, oldest)
    best = best_match(pool, NOW, limit=math.inf)
    within = best_match(pool, NOW, limit=best.cost - 1)
    assert within is None or within.cost <= best.cost - 1 < best.cost


@pytest.mark.parametrize("number", [100, 1000, 10_000])
def test_a_long_queue_is_matched_in_one_round(number):
    """How long that takes is measured by `python -m bench.matchmaking rounds`."""
    assert len(propose(random_tickets(number, seed=number), NOW)) > number / 13
