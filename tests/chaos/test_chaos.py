"""The promises, while workers, Redis, PostgreSQL and links are taken away under write load.

A short form runs with the other tests; `make chaos` runs the whole (`CHAOS=whole`).
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from realtime.client import Client, State, Timing
from realtime.streams import without_nulls
from tests.backend import free_port
from tests.chaos.deployment import HEARTBEAT, Deployment
from tests.chaos.proxy import Proxy
from users import tokens

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900)]

WHOLE = os.environ.get("CHAOS") == "whole"
FAULTS = (
    {"kill": 30, "restart": 10, "postgres": 5, "cut": 100, "partition": 5, "stall": 5, "silence": 2}
    if WHOLE
    else {"kill": 3, "restart": 1, "postgres": 1, "cut": 10, "partition": 1, "stall": 0, "silence": 0}
)
CONNECTIONS = 2
"""Of each player."""
SETTLING = 2.5
"""Seconds besides the heartbeat: for coming back, and for what a heartbeat names to be on its way."""
TIMING = Timing(retry_low=0.2, retry_high=2.0)


class Watch:
    """The mirrors, and whatever was wrong with what they showed."""

    def __init__(self, deployment: Deployment, port: int) -> None:
        self.deployment = deployment
        self.tokens = {name: tokens.issue_dev_token(name)[0] for name in deployment.players}
        self.wrongs: list[str] = []
        self.doubtful: list[tuple[str, int]] = []
        self.shown = 0
        self.clients = [(name, self._client(name, port)) for name in deployment.players for _ in range(CONNECTIONS)]

    def _client(self, name: str, port: int) -> Client:
        newest: dict[str, int] = {}

        async def token(renew: bool) -> str:
            return self.tokens[name]

        def changed(stream: str) -> None:
            number = self._number(stream, client.document(stream))
            if number is None:
                return
            self.shown += 1
            if number and number not in self.deployment.said.get(stream, ()):
                self.doubtful.append((stream, number))  # the writer's line may come later than its write
            if number < newest.get(stream, 0):
                self.wrongs.append(f"{stream} went back from {newest[stream]} to {number}")
            newest[stream] = number

        client = Client(f"ws://127.0.0.1:{port}/ws/", token, changed=changed, timing=TIMING)
        return client

    @staticmethod
    def _number(stream: str, document: Any) -> int | None:
        """The number that the writer put there."""
        if stream.startswith("user_"):
            return int(document["bio"])
        return int(document.get("lobby_id", 0)) if stream.startswith("match_") else None

    def check(self) -> None:
        """Nothing untrue was shown."""
        wrongs = self.wrongs + [
            f"{stream} showed {number}, which nobody committed"
            for stream, number in self.doubtful
            if number not in self.deployment.said.get(stream, ())
        ]
        assert not wrongs, wrongs[:10]

    async def differences(self) -> list[str]:
        """Where mirrors and REST differ."""
        rest = await self.deployment.rest(self.tokens)
        found = []
        for name, client in self.clients:
            if client.state is not State.LIVE:
                found.append(f"{name} is {client.state}")
                continue
            for stream, answer in rest[name].items():
                mirror = client.mirrors.held.get(stream)
                expected = without_nulls(answer)
                position = expected.pop("epoch"), expected.pop("seq")
                if stream.startswith("match_") and name not in self.in_match:
                    continue
                if mirror is None:
                    found.append(f"{name} has no {stream}")
                elif (mirror.position, mirror.document) != (position, expected):
                    found.append(f"{name} holds {mirror.position} of {stream}, REST says {position}")
        return found

    @property
    def in_match(self) -> set[str]:
        return set(list(self.deployment.players)[:10])


class Faults:
    """What is taken away, in an order that chance decides."""

    def __init__(self, deployment: Deployment, links: Proxy, redis: Proxy, seed: int) -> None:
        self._deployment, self._links, self._redis = deployment, links, redis
        self._chance = random.Random(seed)

    async def all(self) -> None:
        kinds = [kind for kind, number in FAULTS.items() for _ in range(number)]
        self._chance.shuffle(kinds)
        for kind in kinds:
            await getattr(self, f"_{kind}")()
            await asyncio.sleep(self._chance.uniform(0, 1))

    async def _kill(self) -> None:
        await self._until(lambda: asyncio.to_thread(self._deployment.kill_a_worker, self._chance))

    async def _restart(self) -> None:
        await asyncio.to_thread(self._deployment.restart_redis)

    async def _postgres(self) -> None:
        await asyncio.to_thread(self._deployment.crash_postgres)

    async def _cut(self) -> None:
        async def cut() -> bool:
            return self._links.cut(1, self._chance) == 1

        await self._until(cut)

    async def _partition(self) -> None:
        await self._redis.stall(self._chance.uniform(0.5, 6))

    async def _stall(self) -> None:
        await self._links.stall(self._chance.uniform(0.5, 5))

    async def _silence(self) -> None:
        """A link that is dead without a word is given up by its client, which waits for heartbeats."""
        key = None

        async def silenced() -> bool:
            nonlocal key
            key = self._links.silence(self._chance)
            return key is not None

        async def given_up() -> bool:
            return not self._links.has(key)

        await self._until(silenced)
        await self._until(given_up)

    async def _until(self, attempt: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """A fault counts when there was something to take away."""
        deadline = time.monotonic() + 30
        while not await attempt():
            assert time.monotonic() < deadline, "there is nothing left to take away"
            await asyncio.sleep(0.1)


@pytest.fixture
async def deployment():
    deployment = await asyncio.to_thread(Deployment)
    redis = Proxy(deployment.redis_port, deployment.redis_gate)
    await redis.start()
    try:
        await asyncio.to_thread(deployment.start)
        deployment.redis_proxy = redis
        yield deployment
    finally:
        await asyncio.to_thread(deployment.stop)
        await redis.stop()


async def test_nothing_is_lost_and_nothing_untrue_is_shown(deployment):
    links = Proxy(deployment.port, free_port())
    await links.start()
    watch = Watch(deployment, links.port)
    for _, client in watch.clients:
        client.start()
    try:
        for _, client in watch.clients:
            await client.wait_for(lambda client=client: client.state is State.LIVE, 30)
        await asyncio.to_thread(deployment.start_writing)
        seed = int(os.environ.get("CHAOS_SEED", "1"))
        await Faults(deployment, links, deployment.redis_proxy, seed).all()
        await asyncio.to_thread(deployment.stop_writing)
        began = time.monotonic()
        while differences := await watch.differences():
            assert time.monotonic() - began < HEARTBEAT + SETTLING, differences[:10]
            await asyncio.sleep(0.2)
        print(f"whole again after {time.monotonic() - began:.1f} s; {watch.shown} numbers shown")
        watch.check()
    finally:
        for _, client in watch.clients:
            await client.close()
        await links.stop()
