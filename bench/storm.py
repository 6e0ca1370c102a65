"""A server dies under 5,000 clients, and all come back to the one that takes its place.

Meanwhile the queue has changed, so that each has something to catch up with; their own state has
not, so that `have` spares it. They come back as the real client does: first after 0.5 to 2 s, then
after pauses whose upper end doubles with each failure.
"""

import asyncio
import random
import time
from typing import Any

from bench import machine, servers
from tests.backend import free_port

CLIENTS = 5_000
WITHIN = 60.0
"""Seconds after which those who are not back are counted as missing."""


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Seconds from the new server's start of service until everyone is back and current."""
    port = free_port()
    async with servers.ours(environment, port=port) as server:
        tokens = await servers.accounts(server, CLIENTS)
        await server.order(do="empty")
        await server.order(do="commit", count=1, pause=0)
        group = server.group()
        first = time.time()
        await group.open(CLIENTS, tokens)
        first = time.time() - first
        held = [watcher.positions for watcher in group.watchers]
        tokens = [watcher.token for watcher in group.watchers]
    async with servers.ours(environment, port=port) as server:
        await server.order(do="commit", count=1, pause=0)
        group = server.group()
        group.aim(2)
        group.missing = CLIENTS
        began = time.time()
        coming = [asyncio.create_task(_come_back(group, token, have)) for token, have in zip(tokens, held, strict=True)]
        _, missing = await asyncio.wait(coming, timeout=WITHIN)
        for task in missing:
            task.cancel()
        await asyncio.gather(*missing, return_exceptions=True)
        took = time.time() - began
        cpu = machine.cpu_seconds(server.pid)
        snapshots = sum(len(watcher.positions) for watcher in group.watchers)
        current = CLIENTS - len(missing)
        group.close()
        await server.order(do="empty")
    return {
        "clients": CLIENTS,
        "back_and_current": current,
        "seconds": round(took, 2),
        "server_cpu_seconds": round(cpu, 2),
        "snapshots_per_client": round(snapshots / CLIENTS, 3),
        "first_connects_per_second": round(CLIENTS / first),
    }


async def _come_back(group: Any, token: str, have: dict) -> None:
    pause = 2.0
    while True:
        await asyncio.sleep(random.uniform(0.5, pause))
        try:
            await group.join(token, have)
        except (OSError, ConnectionError, TimeoutError):
            pause = min(20.0, 2 * pause)
        else:
            return
