"""The channel layer over Redis, after its connection was given up by the system."""

import asyncio
import errno

import pytest
from channels.layers import get_channel_layer

pytestmark = pytest.mark.postgres  # with which Redis comes


async def test_a_connection_that_has_timed_out_is_made_anew():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("group", channel)
    (shard,) = layer._shards
    connection = shard._pubsub.connection
    connection._reader.set_exception(TimeoutError(errno.ETIMEDOUT, "as the system says after minutes"))

    async def received() -> dict:
        return await layer.receive(channel)

    receiving = asyncio.create_task(received())
    async with asyncio.timeout(15):
        while not receiving.done():  # what is sent before it is subscribed again is lost
            await layer.group_send("group", {"type": "hello"})
            await asyncio.wait([receiving], timeout=0.1)
    assert receiving.result() == {"type": "hello"}
    await layer.flush()
