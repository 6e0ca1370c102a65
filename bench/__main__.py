"""`python -m bench [NAME…]`: take all figures, or those named; the others stay as they were taken last."""

import argparse
import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import uvloop

from bench import burst, cost, fanout, join, latency, machine, memory, report, scaling, servers, storm
from tests.backend import free_port, start_redis

BOTH = ("sqlite", "postgres")
FIGURES: dict[str, ModuleType] = {
    "fanout": fanout,
    "burst": burst,
    "latency": latency,
    "memory": memory,
    "storm": storm,
    "cost": cost,
    "join": join,
}
ON_BOTH = {"burst", "latency", "storm", "cost", "join"}


async def take(name: str) -> Any:
    """Take one family of figures."""
    figure = FIGURES[name]
    if name == "fanout":
        port = free_port()
        redis = start_redis(port)
        try:
            with servers.database("sqlite") as environment:
                return await figure.measure(environment, f"redis://127.0.0.1:{port}/0")
        finally:
            redis.kill()
    taken = {}
    for database in BOTH if name in ON_BOTH else ("sqlite",):
        with servers.database(database) as environment:
            taken[database] = await figure.measure(environment)
    return taken if name in ON_BOTH else taken["sqlite"]


def main() -> None:
    """Take the figures and write them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FIGURES)}")
    names = parser.parse_args().names
    if unknown := set(names) - set(FIGURES):
        parser.error(f"there are no such figures: {', '.join(sorted(unknown))}")
    results = json.loads(report.RESULTS.read_text()) if report.RESULTS.exists() else {}
    results["machine"] = machine.description() | {"taken_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"}
    machine.take_client_core()
    for name in names or FIGURES:
        print(f"--- {name}", flush=True)
        results[name] = uvloop.run(take(name))
        print(json.dumps(results[name], indent=1), flush=True)
        report.RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    report.write()
    scaling.write()


if __name__ == "__main__":
    main()
