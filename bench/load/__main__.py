"""`python -m bench.load [--players N] [--watchers N] [--minutes N] [--pace N]`: see the package."""

import argparse
import asyncio
import gc
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from bench import machine, report
from bench.load.deployed import Deployed, deployed

OPENED_AT_ONCE = 40
WARM_UP = 60.0
"""Seconds before measuring, in which the first players come."""
EVENING = 2.0
"""Joins of a player per hour, as on the evening that `simulate` has its figures from."""
PROBE_EVERY = 5.0
"""Seconds between changes whose way from the commit to the clients is timed.

Each goes to every socket; more often they would be as many as the players' own changes, and time themselves.
"""


async def measure(site: Deployed, players: int, watchers: int, minutes: float, pace: float) -> dict[str, Any]:
    """Let them come, play and watch, and measure for so many minutes after a warm-up.

    Args:
        site: where.
        players: how many play, each with a socket.
        watchers: how many sockets there are besides.
        minutes: how long to measure.
        pace: how often each player joins, per hour.
    """
    # These need Django, which needs the database that has just been made.
    from bench.load.accounts import accounts, announce, committed_at  # noqa: PLC0415
    from bench.load.players import Player, Record  # noqa: PLC0415
    from bench.load.sockets import Crowd  # noqa: PLC0415
    from unitemate.simulation.api import Api  # noqa: PLC0415

    known = await asyncio.to_thread(accounts, players + watchers)
    crowd, record, over = Crowd(site.url.replace("http", "ws") + "/ws/"), Record(), asyncio.Event()
    idle_memory = site.memory()
    began = time.time()
    sockets = []
    for start in range(0, len(known), OPENED_AT_ONCE):
        some = known[start : start + OPENED_AT_ONCE]
        sockets += await asyncio.gather(*(crowd.open(token) for _, token in some))
    opened = time.time() - began
    gc.freeze()  # else this process would look through its thousands of sockets while others wait for the processor
    async with Api(site.url) as api:
        live = [
            Player(socket, api, user_id=user_id, token=token, record=record, pace=pace, random=Random(number))
            for number, (socket, (user_id, token)) in enumerate(zip(sockets[:players], known, strict=False))
        ]
        playing = [asyncio.create_task(player.live(over)) for player in live]
        print(f"{len(sockets)} sockets are open after {opened:.0f} s; warming up", flush=True)
        await asyncio.sleep(WARM_UP)

        crowd.forget()
        record.forget()
        used, began, requests = site.cpu(), time.time(), api.requests
        latencies: list[float] = []
        number = 0
        while time.time() - began < 60 * minutes:
            number += 1
            await asyncio.to_thread(announce, f"probe {number}")
            committed = await asyncio.to_thread(committed_at)
            await asyncio.sleep(PROBE_EVERY)
            latencies += [at - committed for at in crowd.arrivals.pop(number, [])]
        took = time.time() - began
        cores = {name: round((now - used[name]) / took, 3) for name, now in site.cpu().items()}
        figures = {
            "players": players,
            "watchers": watchers,
            "pace": round(len(record.joins) / players / (took / 3600), 1),
            "minutes": round(took / 60, 2),
            "opened_per_second": round(len(known) / opened),
            "joins": len(record.joins),
            "join_ms": _quantiles(record.joins),
            "matches": len(record.matches),
            "reports": record.reports,
            "requests": api.requests - requests,
            "probes": number,
            "commit_to_client_ms": _quantiles(latencies),
            "queue_frames_per_second": round(crowd.frames / took),
            "kilobytes_per_second": round(crowd.bytes / took / 1000),
            "cores": cores,
            "megabytes": {name: round(size / 1e6) for name, size in site.memory().items()},
            "megabytes_before": {name: round(size / 1e6) for name, size in idle_memory.items()},
        }
        print("the players finish their matches", flush=True)
        over.set()
        await asyncio.gather(*playing)
        await asyncio.sleep(5)
        figures["not_current"] = await _not_current(live, sockets)
        figures["wrong"] = dict(crowd.wrong + api.unexpected)
    crowd.close()
    return figures


async def _not_current(live: Sequence[Any], sockets: Sequence[Any]) -> int:
    """How many mirrors differ from what REST answers: of the queue all, of their own streams the players'."""
    from unitemate.simulation.audit import difference  # noqa: PLC0415

    queue = (await live[0].fetch("queue")).body
    different = sum(socket.queue_seq != queue["seq"] for socket in sockets)
    for player in live:
        body = (await player.fetch("users/me")).body
        held = player.socket.mirrors[f"user_{player.user_id}"]
        different += difference(held, (body.pop("epoch"), body.pop("seq"), body)) != ""
    return different


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=1000, method="inclusive")
    places = {"p50": 499, "p95": 949, "p99": 989, "p999": 998}
    found = {name: cuts[place] for name, place in places.items()} | {"max": max(seconds)}
    return {name: round(1000 * value, 1) for name, value in found.items()}


def main() -> None:
    """Take the figures and write them beside the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=1000)
    parser.add_argument("--watchers", type=int, default=9000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pace", type=float, default=EVENING)
    options = parser.parse_args()
    os.environ["LOG_LEVEL"] = "WARNING"
    described = machine.description() | {"taken_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"}
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder)) as site:
        figures = uvloop.run(measure(site, options.players, options.watchers, options.minutes, options.pace))
    print(json.dumps(figures, indent=1))
    results = json.loads(report.RESULTS.read_text())
    taken = {key: described[key] for key in ("taken_at", "load_at_start")}
    results.setdefault("load", {})[f"{options.pace:g}"] = figures | taken
    report.RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    report.write()


if __name__ == "__main__":
    main()
