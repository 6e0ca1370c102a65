"""What players of an evening do who may not queue."""

import asyncio
from random import Random
from types import SimpleNamespace

import pytest

from unitemate.simulation import figures
from unitemate.simulation.api import Answer
from unitemate.simulation.evening import Evening
from unitemate.simulation.ledger import Ledger

HOURS = 2
REFUSED = Answer(403, None, "penalty")


class StillClock:
    """Time passes by sleeping alone."""

    speed = 1.0

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        return self.passed

    def real(self, seconds: float) -> float:
        return seconds

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture
def evening() -> Evening:
    return Evening(
        SimpleNamespace(), socket_url="", clock=StillClock(), hours=HOURS, limits={}, seed=1, ledger=Ledger(1)
    )


def player(points: int, refusals: int) -> SimpleNamespace:
    """One whose first attempts to join are refused."""
    answers = iter([REFUSED] * refusals)

    async def join(roles):
        return next(answers, Answer(201, {}, ""))

    async def leave():
        return Answer(409, None, "in_match")

    fields = {"is_queued": False, "match_id": None, "me": {"penalty": {"points": points}}, "random": Random(1)}
    return SimpleNamespace(join=join, leave=leave, **fields)


@pytest.mark.parametrize(
    ("points", "refusals", "joined", "waited"),
    [
        (1, 0, True, 0),
        (1, 1, True, 1),
        (6, 10_000, False, 0),  # barred until staff lift it: asking again would never end
        (5, 10_000, False, 4),  # nor is there a reason to ask once the evening is over
    ],
)
def test_who_may_not_join_waits_for_the_end_of_a_time_out_or_goes_home(evening, points, refusals, joined, waited):
    assert asyncio.run(evening._join(player(points, refusals), ["TANK", "SUPPORT"])) is joined
    assert evening.clock.now() == waited * figures.TIME_OUT
    assert evening.ledger.penalties == waited


def test_who_is_barred_is_told_apart_from_who_gave_up(evening):
    assert asyncio.run(evening._queue(player(6, 10_000), ["TANK", "SUPPORT"], set())) is None
    assert (evening.ledger.barred, evening.ledger.gave_up) == (1, 0)
