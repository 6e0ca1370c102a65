"""The service itself, `unitemate.asgi` under `unitemate.serving.server`, with a port for the benchmark's orders.

Arguments: the sockets' port, the orders' port, and the seconds in which changes merge (`HubTiming.merge`).
Orders are lines of JSON with `do`; each is a method of `Orders`.
"""

import asyncio
import sys
import time
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection
from uvicorn import Config

import unitemate.asgi  # noqa: F401  (sets Django up)
from bench.peers.orders import changes, take_orders
from queue_app.models import Entry
from realtime.database.threads import in_thread
from realtime.models import DirtyStream
from realtime.publishing.publisher import snapshot
from realtime.socket.engine import Engine
from unitemate.serving.server import Server, configuration
from users.models import User
from users.tokens import issue_dev_token


class MergingServer(Server):
    """A server whose hub lets changes merge for so many seconds."""

    def __init__(self, config: Config, merge: float) -> None:
        super().__init__(config)
        self._merge = merge

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        hub = self.lifespan.state["realtime"].hub
        hub.timing = replace(hub.timing, merge=self._merge)


class Orders:
    """What the benchmark may ask of the server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def serve(self, order: dict[str, Any]) -> Any:
        return await getattr(self, order.pop("do"))(**order)

    @property
    def _engine(self) -> Engine:
        return self._server.lifespan.state["realtime"]

    async def push(self, first: int, count: int, pause: float) -> bool:
        """Send changes of the queue through the channel layer, as the relay does; the database has no part in it."""
        mirror = self._engine.hub._subscriptions["queue"].stream.mirror
        epoch, seq = mirror.epoch, mirror.seq
        for number in range(first, first + count):
            await self._send("queue", epoch, seq, changes(number))
            seq += 1
            await asyncio.sleep(pause)
        return True

    async def push_to(self, streams: list[str], number: int) -> bool:
        """Send one change to each of these streams."""
        for name in streams:
            mirror = self._engine.hub._subscriptions[name].stream.mirror
            await self._send(name, mirror.epoch, mirror.seq, {"total_waiting": number, "ts": time.time()})
        return True

    async def _send(self, stream: str, epoch: str, prev: int, patch: dict[str, Any]) -> None:
        message = {"type": "stream.update", "stream": stream, "epoch": epoch, "prev": prev, "seq": prev + 1}
        await self._engine.hub._layer.group_send(stream, message | {"changes": patch, "timestamp": time.time()})

    async def commit(self, count: int, pause: float) -> list[float]:
        """Commit so many changes of the queue, each in a transaction: one player more waits.

        Returns:
            When each was committed (Unix seconds).
        """
        return await asyncio.to_thread(_commit, count, pause)

    async def ask(self, stream: str) -> int:
        """Ask for a stream, which from then on is published; returns its number."""
        return (await in_thread(snapshot, stream)).seq

    async def empty(self) -> bool:
        """Take everybody out of the queue."""
        return await asyncio.to_thread(_empty)

    async def published(self) -> bool:
        """Wait until all that was committed is published."""
        return await asyncio.to_thread(_published)

    async def users(self, names: list[str]) -> list[str]:
        """Make accounts for the development login.

        Returns:
            Their ids.
        """
        return await asyncio.to_thread(_users, names)

    async def tokens(self, names: list[str]) -> list[str]:
        """Tokens with which these players authenticate."""
        return [issue_dev_token(name)[0] for name in names]


def _commit(count: int, pause: float) -> list[float]:
    ids = User.objects.filter(entry=None).order_by("pk").values_list("pk", flat=True)[:count]
    times = []
    for user_id in ids:
        Entry.objects.create(user_id=user_id, selected_roles=["TANK", "SUPPORT"])
        times.append(time.time())
        if pause:
            time.sleep(pause)
    connection.close()
    return times


def _empty() -> bool:
    Entry.objects.all().delete()
    return _published()


def _published() -> bool:
    while DirtyStream.objects.exists():
        time.sleep(0.05)
    connection.close()
    return True


def _users(names: list[str]) -> list[str]:
    known = set(User.objects.values_list("subject", flat=True))
    User.objects.bulk_create(
        [User(subject=f"dev|{name}", trainer_name=name) for name in names if f"dev|{name}" not in known]
    )
    ids = dict(User.objects.values_list("trainer_name", "pk"))
    connection.close()
    return [ids[name] for name in names]


async def main() -> None:
    port, orders, merge = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    settings.ROOT_URLCONF = "bench.peers.insert"
    server = MergingServer(configuration(host="127.0.0.1", port=port, lifespan="on"), merge)
    await take_orders(orders, Orders(server).serve)
    await server.serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
