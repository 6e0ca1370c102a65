"""Calls that are gathered into batches."""

import asyncio
import threading

import pytest

from realtime.database import batcher
from realtime.database.batcher import CONCURRENT_BATCHES, MAX_BATCH, Batcher


class Slow:
    """A function that works when it is let go on; what it was called with is kept."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = threading.Event()

    def __call__(self, keys: list[int]) -> list[int]:
        self.batches.append(list(keys))
        assert self.go_on.wait(10)
        return [double(key) for key in keys]


def double(key: int) -> int:
    if key < 0:
        raise ValueError(f"no {key}")
    return 2 * key


@pytest.fixture
def slow():
    slow = Slow()
    yield slow
    slow.go_on.set()


async def begun(coroutines) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    await asyncio.sleep(0)
    return tasks


async def test_a_single_call_goes_at_once(slow):
    slow.go_on.set()
    assert await Batcher(slow)(21) == 42
    assert slow.batches == [[21]]


async def test_calls_that_come_meanwhile_go_together_each_with_its_own_answer(slow):
    gathered = Batcher(slow)
    tasks = await begun(gathered(key) for key in range(CONCURRENT_BATCHES + 3 * MAX_BATCH))
    slow.go_on.set()
    assert await asyncio.gather(*tasks) == [2 * key for key in range(CONCURRENT_BATCHES + 3 * MAX_BATCH)]
    assert sorted(map(len, slow.batches)) == [1] * CONCURRENT_BATCHES + [MAX_BATCH] * 3


async def test_a_call_is_never_answered_by_a_batch_that_began_before_it(slow):
    gathered = Batcher(slow)
    first = await begun([gathered(1)])
    second = await begun([gathered(1)])
    slow.go_on.set()
    await asyncio.gather(*first, *second)
    assert slow.batches == [[1], [1]]


async def test_one_that_fails_fails_alone(slow):
    gathered = Batcher(slow)
    slow.go_on.set()
    tasks = await begun(gathered(key) for key in [*range(CONCURRENT_BATCHES), 5, -1, 6])
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[-3] == 10
    assert isinstance(answers[-2], ValueError)
    assert answers[-1] == 12


async def test_who_has_given_up_is_left_out(slow):
    gathered = Batcher(slow)
    tasks = await begun(gathered(key) for key in range(CONCURRENT_BATCHES + 2))
    tasks[-1].cancel()
    await asyncio.sleep(0)
    slow.go_on.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(map(tuple, slow.batches)) == [(key,) for key in range(CONCURRENT_BATCHES + 1)]


async def test_no_more_than_a_few_batches_are_under_way(slow):
    gathered = Batcher(slow)
    tasks = await begun(gathered(key) for key in range(1000))
    assert len(slow.batches) <= batcher.CONCURRENT_BATCHES
    slow.go_on.set()
    await asyncio.gather(*tasks)
