"""`manage.py realtime_metrics`: the metrics of this machine, over all processes."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from rich.console import Console
from rich.live import Live
from rich.table import Table

from realtime.management.bounded_numbers import BoundedNumber
from realtime.telemetry import multiprocess
from realtime.telemetry.collecting import collect
from realtime.telemetry.instruments import INSTRUMENTS
from realtime.telemetry.summary import Series, as_json, summarise

INTERVAL = BoundedNumber(0.1, 86_400, "seconds", is_whole=False)
LOOKS = BoundedNumber(1, 1_000_000, "looks")


class Command(BaseCommand):
    """Shows the metrics since the last reset. It can also reset and prune them."""

    help = "Show, reset or prune the figures that the processes of this machine count."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs; with --watch one line a look")
        parser.add_argument(
            "--watch", type=INTERVAL, nargs="?", const=2.0, metavar="SECONDS", help="look again and again (every 2 s)"
        )
        parser.add_argument("--times", type=LOOKS, metavar="N", help="end --watch after so many looks")
        parser.add_argument("--all", action="store_true", help="figures of which there is nothing, too")
        parser.add_argument("--reset", action="store_true", help="count from zero from now on, in /metrics too")
        parser.add_argument(
            "--prune", action="store_true", help="fold what ended processes have left, and drop what is not known"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["prune"]:
                self.stderr.write(f"{multiprocess.folder().prune(known=INSTRUMENTS)} ended processes were folded")
            if options["reset"]:
                multiprocess.folder().reset()
                self.stderr.write("counting from zero")
            if options["watch"] is not None:
                self._watch(options["watch"], options["times"], options["json"], options["all"])
            elif options["json"]:
                self.stdout.write(json.dumps(_document(summarise(collect())), indent=2))
            elif not (options["prune"] or options["reset"]):
                Console().print(_table(summarise(collect()), options["all"]))
        except OSError as error:
            raise CommandError(f"The folder of the figures (METRICS_DIR) cannot be used: {error.strerror}.") from error

    def _watch(self, interval: float, times: int | None, for_programs: bool, everything: bool) -> None:
        looks, before, at = 0, dict[str, float](), 0.0
        with Live(console=Console(), auto_refresh=False, screen=False) as live:
            while times is None or looks < times:
                if looks:
                    time.sleep(interval)
                connection.close_if_unusable_or_obsolete()
                series, now = summarise(collect()), time.monotonic()
                if for_programs:
                    self.stdout.write(json.dumps(_document(series)))
                else:
                    rates = {one.key: (one.value - before.get(one.key, 0.0)) / (now - at) for one in series if before}
                    live.update(_table(series, everything, rates), refresh=True)
                before, at, looks = {one.key: one.value for one in series}, now, looks + 1


def _document(series: list[Series]) -> dict[str, Any]:
    since = multiprocess.folder().since()
    return {
        "at": datetime.now(UTC).isoformat(),
        "since": datetime.fromtimestamp(since, UTC).isoformat() if since is not None else None,
        "figures": as_json(series),
    }


def _table(series: list[Series], everything: bool, rates: Mapping[str, float] | None = None) -> Table:
    """A row for each series. Series at zero are left out unless `everything` is true."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("figure")
    table.add_column("of")
    table.add_column("number", justify="right")
    table.add_column("a second", justify="right")
    for quantile in ("median", "95 %", "99 %"):
        table.add_column(quantile, justify="right")
    shown = ""
    for one in series:
        if not (one.value or everything):
            continue
        rate = (rates or {}).get(one.key)
        falls_too = INSTRUMENTS[one.instrument].kind == "gauge"
        table.add_row(
            one.instrument if one.instrument != shown else "",
            " ".join(one.labels[label] for label in INSTRUMENTS[one.instrument].label_names),
            f"{one.value:,.6g}" if one.value % 1 else f"{one.value:,.0f}",
            f"{rate:,.1f}" if rate is not None and not falls_too else "",
            *(f"{estimate:.3g}" for estimate in (one.quantiles or {}).values()),
        )
        shown = one.instrument
    if everything:
        for name in INSTRUMENTS.keys() - {one.instrument for one in series}:
            table.add_row(name, "", "0", "")
    return table
