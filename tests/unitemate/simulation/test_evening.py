"""What players of an evening do who may not queue, and what is said of a machine that is too slow for them."""

import asyncio
import io
from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest
from rich.console import Console

from unitemate.simulation import figures, script
from unitemate.simulation.api import Answer
from unitemate.simulation.evening import Evening
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.report import draw_up, show

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


def void_match(*, has_lobby: bool) -> str:
    """The id of a match by whose script the host makes a lobby, or nobody does."""
    ids = (f"match{number}" for number in range(1000))
    return next(one for one in ids if (script.of(one, 1).lobby_after is not None) is has_lobby)


@pytest.mark.parametrize("has_lobby", [True, False])
def test_a_host_who_was_too_slow_is_told_apart_from_one_who_did_nothing(evening, has_lobby):
    async def wait_for(predicate, within):
        if not predicate():
            raise TimeoutError

    match = {"players": {f"p{seat}": {} for seat in range(10)}, "host_user_id": "p0", "result": "invalid", "vc": None}
    visitor = player(1, 0)
    visitor.user_id, visitor.client = "p0", SimpleNamespace(wait_for=wait_for)
    visitor.match, visitor.is_done, visitor.is_host = lambda _: match, lambda _: True, lambda _: True
    evening._limits = {"match": 2400, "lobby": 150}
    match_id = void_match(has_lobby=has_lobby)
    assert asyncio.run(evening._play(visitor, match_id)) is False
    assert evening.ledger.outpaced == ({match_id} if has_lobby else set())


@pytest.mark.parametrize(("outpaced", "kept_pace"), [(2, True), (3, False)])
def test_the_report_says_that_the_machine_was_too_slow(outpaced, kept_pace):
    ledger = Ledger(10)
    for number in range(100):
        ledger.noticed[f"m{number}"].add("p0")
    ledger.outpaced = ledger.void = {f"m{number}" for number in range(outpaced)}
    api = SimpleNamespace(took=[], unexpected=Counter())
    report = draw_up(ledger, [], api, evening_requests=0, took=1.0)
    assert report.kept_pace is kept_pace
    said = io.StringIO()
    show(report, Console(file=said, width=400))
    assert ("did not keep the pace" in said.getvalue()) is not kept_pace
    assert report.is_good  # the service did nothing wrong
