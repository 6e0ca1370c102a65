"""What a change costs the server, against the number of its watchers and of other streams."""

import time
from typing import Any

from bench import machine, servers

WATCHERS = (10, 100, 500, 1_000, 2_000)
STREAMS = (10, 100, 500, 1_000, 2_000)
CHANGES = 150


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Milliseconds of the server's CPU a change, idle cost off: {"watchers": {n: ms}, "streams": {n: ms}}."""
    return {
        "watchers": {str(number): await _watchers(environment, number) for number in WATCHERS},
        "streams": {str(number): await _streams(environment, number) for number in STREAMS},
    }


async def _watchers(environment: dict[str, str], number: int) -> float:
    """One stream with so many watchers."""
    async with servers.ours(environment, servers.AT_ONCE) as server:
        group = server.group()
        await group.open(number, await servers.accounts(server, number))
        await server.push(1, 5, 0.02)
        count = max(CHANGES, 20_000 // number)
        group.aim(100 + count - 1)

        async def work() -> None:
            await server.push(100, count, 0.001)
            await group.all_hold()

        return await _cost(server, work) / count


async def _streams(environment: dict[str, str], number: int) -> float:
    """One watcher of each of so many streams; the change is to a hundred of them, in turn, and shared out."""
    async with servers.ours(environment, servers.AT_ONCE) as server:
        group = server.group()
        tokens = await servers.accounts(server, number)
        await group.open(number, tokens)
        names = [name for watcher in group.watchers for name in watcher.positions if name != "queue"]
        changed = (names * (100 // number + 1))[:100]
        rounds = 30

        async def work() -> None:
            for number in range(rounds):
                await server.order(do="push_to", streams=changed, number=number)
            await group.open(1, tokens[:1])  # answered when all of the above has been served

        return await _cost(server, work) / (rounds * len(changed))


async def _cost(server: servers.Running, work: Any) -> float:
    """Milliseconds of CPU that the server spends on it beyond what it spends on being idle."""
    idle = await servers.idle_cost(server, 1.0)
    used, began = machine.cpu_seconds(server.pid), time.time()
    await work()
    return round(1000 * (machine.cpu_seconds(server.pid) - used - idle * (time.time() - began)), 4)
