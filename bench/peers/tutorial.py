"""Channels as its tutorial has it: a consumer with a channel of its own joins a group, and `group_send`.

Arguments: the sockets' port, the orders' port, and optionally the URL of a Redis for the layer.
"""

import asyncio
import sys

import django
import uvicorn
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from bench.peers.orders import message, take_orders

PORT, ORDERS, *REDIS = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": REDIS}}
        if REDIS
        else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}
    },
)
django.setup()


class Queue(AsyncJsonWebsocketConsumer):
    """The consumer."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("queue", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("queue", self.channel_name)

    async def queue_update(self, event: dict) -> None:
        await self.send_json(event["frame"])


async def push(order: dict) -> bool:
    for number in range(order["first"], order["first"] + order["count"]):
        await get_channel_layer().group_send("queue", {"type": "queue.update", "frame": message(number)})
        await asyncio.sleep(order["pause"])
    return True


async def main() -> None:
    application = ProtocolTypeRouter({"websocket": Queue.as_asgi()})
    await take_orders(int(ORDERS), push)
    await uvicorn.Server(
        uvicorn.Config(
            application,
            port=int(PORT),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            log_level="warning",
            lifespan="off",
            loop="none",
        )
    ).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
