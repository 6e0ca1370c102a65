"""From `results.json` to `docs/benchmarks.md` and its plot."""

import json
from pathlib import Path
from typing import Any

from bench import plot
from bench.markdown import table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"


def write() -> None:
    """Write both from the results there are."""
    results = json.loads(RESULTS.read_text())
    parts = [_head(results["machine"])]
    sections = {
        "fanout": _fanout,
        "burst": _burst,
        "latency": _latency,
        "memory": _memory,
        "storm": _storm,
        "cost": _cost,
        "join": _join,
        "load": _load,
    }
    parts += [section(results[name]) for name, section in sections.items() if name in results]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(parts))


def _head(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return f"""# Benchmarks

Made by `make bench` on {machine["taken_at"]}; the figures as data are in `bench/results.json`.

The machine: {machine["processor"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, {machine["system"]}, \
Python {machine["python"]}, Node {machine["node"] or "none"}; {packages}. One core was the server's, another the \
load client's; the machine's load was {machine["load_at_start"]} at the start. The machine is shared and its speed \
varies from minute to minute, so only ratios from one run mean much: where servers are compared, each took its turn \
in each of three rounds, and the medians are shown.
"""


def _fanout(figures: dict[str, Any]) -> str:
    lines = [
        "## One change to 500 watchers",
        "",
        "The change is about 340 bytes of JSON, the same from every server. *Per CPU second* counts what the server's",
        "process used, in the kernel too, less what it uses when idle. Ours is the service itself with 500",
        "authenticated players on the `queue` stream; the changes enter at the channel layer, as the relay's do.",
        "",
    ]
    titles = {
        "limit": "At the limit: one change after another; ours with merging off, which would spare most of the frames",
        "paced": "Paced: one change each 60 ms, ours as shipped",
    }
    for schedule, title in titles.items():
        servers = figures[schedule]
        ours = servers["unitemate"]["deliveries_per_cpu_second"]
        rows = [
            [
                name,
                f"{one['deliveries_per_second']:,.0f}",
                f"{one['deliveries_per_cpu_second']:,.0f}",
                "" if name == "unitemate" else f"{ours / one['deliveries_per_cpu_second']:.2f}×",
                f"{one['latency_p50_ms']:.1f}",
                f"{one['latency_p99_ms']:.1f}",
                f"{one['frames_per_client']:.0f}",
                f"{one['bytes_per_frame']:.0f}",
            ]
            for name, one in servers.items()
        ]
        head = ["server", "deliveries/s", "per CPU second", "ours is", "p50 ms", "p99 ms"]
        lines += [f"{title}:", "", table([*head, "frames/client", "bytes/frame"], rows), ""]
    return "\n".join(lines)


def _burst(figures: dict[str, Any]) -> str:
    lines = [
        "## A burst of 2,000 commits to 500 watchers",
        "",
        "Each commit is a transaction of its own that puts one more player into the queue; the server writes,",
        "publishes and pushes on its one core. A frame for each change would have cost a watcher as many bytes as",
        "2,000 of the frames that single changes make.",
        "",
    ]
    head = ["database", "commits/s", "all hold the last after", "frames/watcher", "bytes/watcher", "a frame per change"]
    rows = [
        [
            database,
            f"{one['commits_per_second']:.0f}",
            f"{one['all_hold_last_after_ms']:.0f} ms",
            f"{one['frames_per_watcher']:.0f}",
            f"{one['bytes_per_watcher']:,.0f}",
            f"{one['bytes_of_a_frame_per_change']:,.0f} ({100 * one['share_of_bytes']:.1f} %)",
        ]
        for database, one in figures.items()
    ]
    return "\n".join([*lines, table(head, rows), ""])


def _latency(figures: dict[str, Any]) -> str:
    lines = [
        "## From commit to client",
        "",
        "500 watchers, one change each 200 ms: milliseconds from the end of the commit until the first, and until the",
        "last of the watchers held it.",
        "",
    ]
    columns = ("first p50", "first p99", "last p50", "last p99")
    rows = [
        [database, *(str(one[f"{column.replace(' ', '_')}_ms"]) for column in columns)]
        for database, one in figures.items()
    ]
    return "\n".join([*lines, table(["database", *columns], rows), ""])


def _memory(figures: dict[str, Any]) -> str:
    return f"""## Memory

An idle authenticated connection, of a player of its own with a stream of its own, costs \
{figures["bytes_per_connection"] / 1000:.1f} KB: the slope of the process's resident memory from 500 to 3,000 \
connections. With 3,000 the process has {figures["process_with_3000_mb"]} MB.
"""


def _storm(figures: dict[str, Any]) -> str:
    lines = [
        "## A server lost under 5,000 clients",
        "",
        "The server is killed and another takes its place; meanwhile the queue changes, the players' own state does",
        "not. The clients come back as the real one does, the first time after 0.5 to 2 s. Time runs from the new",
        "server's readiness, which their attempts await, until the last has been served in full, or 60 s have passed.",
        "",
    ]
    rows = [
        [
            database,
            f"{one['back_and_current']:,} of {one['clients']:,}",
            f"{one['seconds']} s",
            f"{one['server_cpu_seconds']} s",
            str(one["snapshots_per_client"]),
        ]
        for database, one in figures.items()
    ]
    head = ["database", "back and current", "after", "the server's CPU", "snapshots a client"]
    return "\n".join([*lines, table(head, rows), ""])


def _cost(figures: dict[str, Any]) -> str:
    series = {
        f"{what} ({layer})": {int(number): cost for number, cost in figures[database][kind].items()}
        for database, layer in (("sqlite", "in-memory layer"), ("postgres", "Redis"))
        for kind, what in (("watchers", "watchers of one stream"), ("streams", "streams, one watcher each"))
    }
    title = "CPU of the server for one change"
    PICTURE.write_text(plot.lines(title, "watchers, or streams in the process", "milliseconds", series))
    numbers = list(next(iter(series.values())))
    lines = [
        "## Cost of a change against watchers and streams",
        "",
        f"![{title}](benchmarks.svg)",
        "",
        "Milliseconds of the server's CPU for one change, from the channel layer on, with merging off:",
        "",
        table(
            ["", *(f"{number:,}" for number in numbers)],
            [[name, *(f"{cost:.3f}" for cost in points.values())] for name, points in series.items()],
        ),
        "",
        "The hub looks a stream up and scans nothing: a change costs what its own watchers cost, however many other",
        "streams there are.",
    ]
    return "\n".join([*lines, ""])


def _join(figures: dict[str, Any]) -> str:
    lines = [
        "## Joining the queue",
        "",
        "Requests per CPU second of the server, beside an empty DRF view that inserts one row, in turns in the same",
        "run. A join verifies the token, locks the account, looks for penalties, matches, seasons and hours, inserts",
        "the entry, and has two streams published; all of that is counted, by whichever thread.",
        "",
    ]
    rows = [
        [database, f"{one['joins_per_cpu_second']:,}", f"{one['inserts_per_cpu_second']:,}", f"{one['share']:.2f}"]
        for database, one in figures.items()
    ]
    head = ["database", "joins per CPU second", "empty view with one insert", "share"]
    return "\n".join([*lines, table(head, rows), ""])


def _load(by_pace: dict[str, Any]) -> str:
    paces = sorted(by_pace.values(), key=lambda one: one["pace"])
    first = paces[0]
    probes = " and ".join(str(one["probes"]) for one in paces)
    lines = [
        "## The whole of it, as deployed",
        "",
        "Made by `make bench-load`: nginx with `deploy/nginx.conf` (without TLS), two web workers, the matchmaker,",
        "PostgreSQL (its files in memory) and Redis, all of them and the load client on the same two cores.",
        f"{first['players']:,} players queue, play, report and queue again; {first['watchers']:,} further sockets,",
        "each of an account of its own, watch. Every socket checks the numbers of each frame. At the end each must",
        "hold the queue, and each player the own account, to the number as REST answers. The *pace* is how often a",
        "player joined in an hour: about 2 on the evening that `simulate` has its figures from.",
        "",
        _load_figures(paces),
        "",
        "A join is timed by its player, from the request to the answer. From commit to client is timed for a change",
        f"every few seconds ({probes} of them), by PostgreSQL when committed and by every seventh",
        "socket when read; the load client's turn of reading ten thousand frames is in it.",
        "",
        table(
            ["process", *(f"cores, pace {one['pace']:g}" for one in paces), "MB", "MB before anybody came"],
            [
                [name, *(f"{one['cores'][name]:.2f}" for one in paces)]
                + [f"{first[when][name]:,}" for when in ("megabytes", "megabytes_before")]
                for name in first["cores"]
            ],
        ),
        "",
        "The first limit is the processor: one change of the queue is ten thousand frames, each of which the kernel",
        "takes from a worker, gives to nginx, takes from nginx and gives to the client. Changes that come faster than",
        "two cores can pass them on wait for each other; nothing is lost, and it comes later.",
        "",
    ]
    return "\n".join(lines)


def _load_figures(paces: list[dict[str, Any]]) -> str:
    rows = [
        ["joins", *(f"{one['joins']:,}" for one in paces)],
        ["matches", *(f"{one['matches']:,}" for one in paces)],
        ["changes of the queue delivered, a second", *(f"{one['queue_frames_per_second']:,}" for one in paces)],
        ["not as promised", *(f"{sum(one['wrong'].values())}" for one in paces)],
        ["mirrors that differed at the end", *(f"{one['not_current']}" for one in paces)],
    ]
    for what, key in (("a join", "join_ms"), ("from commit to client", "commit_to_client_ms")):
        for quantile, place in (("median", "p50"), ("99 %", "p99")):
            rows.append([f"{what}, {quantile} (ms)", *(f"{one[key][place]:.0f}" for one in paces)])
    rows.append(["cores busy, of two", *(f"{sum(one['cores'].values()):.2f}" for one in paces)])
    rows.append(["taken at", *(one["taken_at"] for one in paces)])
    return table([f"in {paces[0]['minutes']:.0f} minutes", *(f"pace {one['pace']:g}" for one in paces)], rows)
