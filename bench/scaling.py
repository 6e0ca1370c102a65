"""`python -m bench.scaling`: the arithmetic of docs/scaling.md, from the figures that were taken."""

import json
from pathlib import Path
from typing import Any

from bench import report

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
BEGIN, END = "<!-- by python -m bench.scaling -->\n", "<!-- end -->"
CONNECTIONS = (10_000, 100_000, 1_000_000)
MERGE_WINDOW = 0.05
"""Seconds for which changes of a stream collect (`realtime.delivery.fanout.MERGE_WINDOW`, which wants Django)."""
HEARTBEAT = 10.0
"""Seconds (`REALTIME_HEARTBEAT`)."""


def block(results: dict[str, Any]) -> str:
    """The two tables: the figures that are used, and what follows from them."""
    paced = results["fanout"]["paced"]["unitemate"]
    per_second, size = paced["deliveries_per_cpu_second"], paced["bytes_per_frame"]
    memory, storm = results["memory"]["bytes_per_connection"], results["storm"]["postgres"]
    commits, most = results["burst"]["postgres"]["commits_per_second"], 1 / MERGE_WINDOW
    rows = [
        f"| frames a worker's core delivers a second | {per_second:,.0f} | One change to 500 watchers, paced |",
        f"| bytes of a frame | {size:,.0f} | the same |",
        f"| memory of an idle connection | {memory / 1000:.1f} KB | Memory |",
        f"| commits a second, published and pushed on one core | {commits:,.0f} | A burst, PostgreSQL |",
        f"| clients that one core has served again after a crash | {storm['back_and_current']:,}"
        f" in {storm['seconds']:.0f} s | A server lost, PostgreSQL |",
        f"| frames a second of one stream, at most | {most:.0f} |"
        f" changes within {MERGE_WINDOW * 1000:.0f} ms go as one |",
        "",
        "| connections | memory | heartbeats/s | cores, at one change a second to all | at the most, "
        f"{most:.0f} a second | network, at one a second |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for number in CONNECTIONS:
        rows.append(
            f"| {number:,} | {number * memory / 1e9:.1f} GB | {number / HEARTBEAT:,.0f} | {number / per_second:,.1f} "
            f"| {number * most / per_second:,.0f} | {number * size * 8 / 1e6:,.0f} Mbit/s |"
        )
    return "\n".join(["| figure | value | in [benchmarks.md](benchmarks.md) |", "|---|--:|---|", *rows, ""])


def page(text: str, results: dict[str, Any]) -> str:
    """The document's text with the tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{block(results)}\n{END}{after}"


def write() -> None:
    """Write them into the document."""
    PAGE.write_text(page(PAGE.read_text(), json.loads(report.RESULTS.read_text())))


if __name__ == "__main__":
    write()
