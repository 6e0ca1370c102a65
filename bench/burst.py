"""A burst of 2,000 committed changes to 500 watchers: when all hold the last state, and what it took to tell them."""

from statistics import mean, median
from typing import Any

from bench import servers

WATCHERS = 500
CHANGES = 2_000
SINGLE = 20
"""Changes one at a time beforehand, to know the size of a frame that carries one."""
ROUNDS = 3


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Take the figures; the median of the rounds."""
    rounds = [await _one(environment) for _ in range(ROUNDS)]
    return {figure: round(median(one[figure] for one in rounds), 3) for figure in rounds[0]}


async def _one(environment: dict[str, str]) -> dict[str, float]:
    async with servers.ours(environment) as server:
        group = server.group()
        await servers.accounts(server, CHANGES + SINGLE)
        tokens = await servers.accounts(server, WATCHERS)
        await server.order(do="empty")
        await group.open(WATCHERS, tokens)
        group.aim(SINGLE)
        await server.order(do="commit", count=SINGLE, pause=0.2)
        await group.all_hold()
        single_bytes = group.bytes / group.frames
        group.forget()
        group.aim(SINGLE + CHANGES)
        times = await server.order(do="commit", count=CHANGES, pause=0)
        ended = await group.all_hold()
        took = times[-1] - times[0]
        figures = {
            "commits_per_second": CHANGES / took,
            "all_hold_last_after_ms": 1000 * (ended - times[-1]),
            "frames_per_watcher": mean([group.frames / WATCHERS]),
            "bytes_per_watcher": group.bytes / WATCHERS,
            "bytes_of_a_frame_per_change": single_bytes * CHANGES,
            "share_of_bytes": group.bytes / WATCHERS / (single_bytes * CHANGES),
        }
        group.close()
        await server.order(do="empty")
        return figures
