"""Fan-out of single changes to 500 watchers, beside the tutorial way, Socket.IO and picows.

Two schedules, the same for all. *Limit*: one change a millisecond at most, and ours with merging
off, since it would otherwise send far fewer frames. *Paced*: one change each 60 ms, ours as it is shipped.
"""

import time
from statistics import median
from typing import Any

from bench import machine, servers

WATCHERS = 500
ROUNDS = 3
LIMIT = {"count": 200, "pause": 0.001}
PACED = {"count": 60, "pause": 0.06}
FEW = {"limit": 20, "paced": 10}
"""Changes for the tutorial's servers, which take long over each."""
REDIS_LAYER = "channels_redis.core.RedisChannelLayer"
PUBSUB_LAYER = "channels_redis.pubsub.RedisPubSubChannelLayer"
IDLE = 1.0
"""Seconds over which the cost of idle watchers is taken."""


async def measure(environment: dict[str, str], redis: str) -> dict[str, Any]:
    """Take the figures: {schedule: {server: figures}}."""
    runs: dict[str, dict[str, list[dict[str, float]]]] = {"limit": {}, "paced": {}}
    for _ in range(ROUNDS):
        for name, start in _contestants(environment, redis).items():
            for schedule, order in (("limit", LIMIT), ("paced", PACED)):
                if name.startswith("tutorial"):
                    order = order | {"count": FEW[schedule]}
                merge = servers.AT_ONCE if schedule == "limit" else servers.SHIPPED
                async with start(merge) as server:
                    runs[schedule].setdefault(name, []).append(await _one(server, order))
    return {
        schedule: {
            name: {figure: round(median(run[figure] for run in rounds), 2) for figure in rounds[0]}
            for name, rounds in of_schedule.items()
        }
        for schedule, of_schedule in runs.items()
    }


def _contestants(environment: dict[str, str], redis: str) -> dict[str, Any]:
    contestants = {
        "unitemate": lambda merge: servers.ours(environment, merge),
        # As in the tutorial to the letter; then each part replaced by the quickest there is for it.
        "tutorial": lambda merge: servers.tutorial("daphne", REDIS_LAYER, redis),
        "tutorial, in-memory layer": lambda merge: servers.tutorial("daphne", "channels.layers.InMemoryChannelLayer"),
        "tutorial, Uvicorn and pub/sub": lambda merge: servers.tutorial("uvicorn", PUBSUB_LAYER, redis),
        "picows": lambda merge: servers.raw_picows(),
    }
    if servers.has_socketio():
        contestants["Socket.IO"] = lambda merge: servers.socketio()
    return contestants


async def _one(server: servers.Running, order: dict[str, float]) -> dict[str, float]:
    group = server.group()
    tokens = await servers.accounts(server, WATCHERS)
    await group.open(WATCHERS, tokens)
    await server.push(1, 5, 0.02)  # warm
    idle = await servers.idle_cost(server, IDLE)
    group.forget()
    count = int(order["count"])
    group.aim(100 + count - 1)
    used, began = machine.cpu_seconds(server.pid), time.time()
    await server.push(100, count, order["pause"])
    ended = await group.all_hold()
    took = ended - began
    cpu = machine.cpu_seconds(server.pid) - used - idle * (time.time() - began)
    figures = {
        "deliveries": float(group.frames),
        "deliveries_per_second": group.frames / took,
        "deliveries_per_cpu_second": group.frames / cpu,
        "latency_p50_ms": group.latency(0.5),
        "latency_p99_ms": group.latency(0.99),
        "frames_per_client": group.frames / WATCHERS,
        "bytes_per_frame": group.bytes / group.frames,
    }
    group.close()
    return figures
