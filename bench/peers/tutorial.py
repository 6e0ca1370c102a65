"""Channels as its tutorial has it: a consumer with a channel of its own joins a group, and `group_send`.

Arguments: the sockets' port, the orders' port, the server (`daphne`, as in the tutorial, or `uvicorn`),
the layer's backend, and the URL of a Redis where the layer needs one.
"""

import asyncio
import sys

import django
import uvicorn
import uvloop
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from bench.peers.orders import message, take_orders

PORT, ORDERS, SERVER, BACKEND, *REDIS = sys.argv[1:]
# Without its own time limit of a few seconds: an idle consumer waits longer than that for a message.
CONFIG = {"hosts": [{"address": url, "socket_timeout": None} for url in REDIS]} if REDIS else {"capacity": 100_000}
settings.configure(
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": BACKEND, "CONFIG": CONFIG}},
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


application = ProtocolTypeRouter({"websocket": Queue.as_asgi()})


async def under_uvicorn() -> None:
    await take_orders(int(ORDERS), push)
    options = uvicorn.Config(
        application,
        port=int(PORT),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        lifespan="off",
    )
    await uvicorn.Server(options).serve()


def under_daphne() -> None:
    from daphne.server import Server  # noqa: PLC0415  (it installs its reactor when it is imported)
    from twisted.internet import reactor  # noqa: PLC0415

    tasks: list[asyncio.Task] = []

    def begin() -> None:
        tasks.append(asyncio.get_event_loop().create_task(take_orders(int(ORDERS), push)))

    reactor.callWhenRunning(begin)
    Server(application, endpoints=[f"tcp:port={PORT}:interface=127.0.0.1"], verbosity=0).run()


if __name__ == "__main__":
    if SERVER == "daphne":
        under_daphne()
    else:
        uvloop.run(under_uvicorn())
