"""The in-memory layer: memberships and messages stay until they are taken."""

import time

import pytest

from realtime.delivery.memory_layer import MemoryLayer


@pytest.fixture
def a_day_later(monkeypatch):
    later = time.time() + 2 * 86_400
    return lambda: monkeypatch.setattr(time, "time", lambda: later)


async def test_a_membership_outlasts_the_day(a_day_later):
    layer = MemoryLayer()
    channel = await layer.new_channel()
    await layer.group_add("queue", channel)
    a_day_later()
    await layer.group_send("queue", {"type": "stream.update", "seq": 1})
    await layer.group_send("queue", {"type": "stream.update", "seq": 2})
    assert [(await layer.receive(channel))["seq"] for _ in range(2)] == [1, 2]


async def test_who_has_left_gets_nothing():
    layer = MemoryLayer()
    channel, other = await layer.new_channel(), await layer.new_channel()
    for name in (channel, other):
        await layer.group_add("queue", name)
    await layer.group_discard("queue", channel)
    await layer.group_send("queue", {"type": "stream.update", "seq": 1})
    assert (await layer.receive(other))["seq"] == 1
    assert channel not in layer.channels or layer.channels[channel].empty()
