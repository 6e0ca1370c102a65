"""Everything stops in bounded time, at whatever moment, and whatever does not answer."""

import asyncio
import gc
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from realtime import tasks
from realtime.database import threads
from realtime.delivery.connection import SendConnection
from realtime.delivery.fanout import catch_up
from realtime.socket import engine as engine_module
from realtime.socket.engine import Engine

MOMENTS = 40
"""Turns of the loop after which everything that is begun at the start has come to a wait, and some."""


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(tasks, "CANCEL_TIMEOUT", 0.05)
    yield
    gc.collect()  # sessions that were being opened, lest the test's database cannot be removed


async def for_ever(*args) -> None:
    await asyncio.Event().wait()


async def tidying_for_ever(*args) -> None:
    """What a library does that unsubscribes when it is cancelled, and gets no answer."""
    try:
        await for_ever()
    finally:
        await for_ever()


class Answering:
    """A layer that answers; nothing comes."""

    receive = staticmethod(for_ever)

    async def new_channel(self) -> str:
        await asyncio.sleep(0)
        return "specific"

    async def group_add(self, group: str, channel: str) -> None:
        await asyncio.sleep(0)

    group_discard = group_send = group_add


class Silent(Answering):
    """One that takes what it is sent, and never answers."""

    new_channel = group_add = group_discard = group_send = staticmethod(for_ever)


class SilentToTheEnd(Answering):
    """One whose calls tidy up when they are cancelled, and wait for an answer to that."""

    receive = group_add = group_discard = group_send = staticmethod(tidying_for_ever)


class NeverSubscribed(SilentToTheEnd):
    new_channel = staticmethod(tidying_for_ever)


# --- one task ------------------------------------------------------------------------------------


async def begun(function) -> asyncio.Task:
    task = asyncio.create_task(function())
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("function", [for_ever, tidying_for_ever])
async def test_a_task_that_waits_for_what_never_comes_is_ended(function):
    task = await begun(function)
    await tasks.cancel_and_wait((task,))
    assert task.cancelled()


async def test_one_that_will_not_end_is_left_behind_and_named(caplog):
    go = asyncio.Event()

    async def stubborn():
        while not go.is_set():
            with suppress(asyncio.CancelledError):
                await go.wait()

    task = await begun(stubborn)
    await tasks.cancel_and_wait((task,))
    assert not task.done()
    assert "stubborn" in caplog.text
    go.set()
    await task


async def test_one_that_fails_while_it_ends_keeps_nobody_from_ending():
    async def failing():
        try:
            await for_ever()
        finally:
            raise ConnectionError

    running = [await begun(failing), await begun(for_ever)]
    await tasks.cancel_and_wait(running)
    assert all(task.done() for task in running)


async def test_work_in_a_thread_that_does_not_end_is_not_waited_for():
    go_on = threading.Event()
    task = asyncio.create_task(threads.in_thread(go_on.wait, 10))
    await asyncio.sleep(0)
    task.cancel()
    await threads.finish(within=0.05)
    go_on.set()


# --- everything ----------------------------------------------------------------------------------


def impatient(**options) -> Engine:
    """An engine that waits for no layer for long."""
    engine = Engine(**options)
    for part in (engine.hub, engine.relay):
        part.timing = replace(part.timing, layer_timeout=0.05)
    return engine


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("layer", [Answering, Silent, SilentToTheEnd, NeverSubscribed])
async def test_a_process_may_be_stopped_at_every_moment_of_its_start(layer, monkeypatch):
    monkeypatch.setattr(engine_module, "get_channel_layer", layer)
    others = asyncio.all_tasks()
    for moment in range(0, MOMENTS, 4):
        engine = impatient()
        await engine.start()
        connection = SendConnection(catch_up, lambda reason: None, for_ever)
        joining = asyncio.create_task(engine.hub.join(connection, "queue"))
        for _ in range(moment):
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await engine.stop()
        joining.cancel()
        await asyncio.wait((joining,))
        connection.mark_closed()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == others, f"after {moment} turns"


@pytest.mark.usefixtures("transactional_db")
async def test_a_part_that_cannot_be_stopped_keeps_no_other_from_stopping(monkeypatch, caplog):
    monkeypatch.setattr(engine_module, "get_channel_layer", Answering)
    engine = impatient(stop_within=0.2)
    await engine.start()
    working = {*engine.hub._jobs, *engine.relay._tasks}

    async def fails() -> None:
        raise ConnectionError

    stop_presence = engine.presence.stop
    monkeypatch.setattr(engine.presence, "stop", fails)
    monkeypatch.setattr(engine.sampler, "stop", for_ever)
    async with asyncio.timeout(10):
        await engine.stop()
    assert "Sampler" in caplog.text
    assert "PresenceKeeper" in caplog.text
    assert all(task.done() for task in working)
    await stop_presence()
