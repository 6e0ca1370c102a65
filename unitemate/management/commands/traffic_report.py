"""`manage.py traffic_report`: the traffic of clients, and what polling would have cost."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from realtime.telemetry.collecting import collect
from realtime.telemetry.summary import summarise
from unitemate.telemetry import traffic


class Command(BaseCommand):
    """Reads the metrics of this machine since the last `realtime_metrics --reset`."""

    help = "Compare what clients have cost with what polling would have cost them in the same time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        series = summarise(collect())
        connected = traffic.connected_seconds(series)
        before, after = traffic.reference()
        rows = {"now": traffic.counted(series), "polling": traffic.by_polling(series, connected)}
        hour = {name: row.of_hundred(connected) for name, row in rows.items()} if connected else {}
        if options["json"]:
            document = {
                "connected_seconds": connected,
                **{name: asdict(row) for name, row in rows.items()},
                "hour_of_100": {name: asdict(row) for name, row in hour.items()},
                "reference_hour_of_100": {"polling": before, "pings_alone": after},
            }
            self.stdout.write(json.dumps(document, indent=2))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("", "requests", "MB up", "MB down"):
            table.add_column(heading, justify="right" if heading else "left")
        names = {"now": "as counted", "polling": f"polling: each {settings.POLL_INTERVAL} s, a ping a minute"}
        for name, row in rows.items():
            table.add_row(names[name], *_cells(row))
        table.add_section()
        for name, row in hour.items():
            table.add_row(f"100 clients, an hour; {names[name]}", *_cells(row))
        table.add_row("100 clients, an hour; the target: polling", f"{before:,.0f}", "", "")
        table.add_row("100 clients, an hour; the target: pushed", f"{after:,.0f}", "", "")
        console = Console()
        if rows["polling"].up is None:
            console.print(
                f"Nobody has asked for /{traffic.POLL_ROUTE}, so what a poll would cost is not known; ask once."
            )
        console.print(f"Clients were connected for {connected / 3600:,.2f} h in all.")
        console.print(table)
        if hour and rows["now"].requests:
            ratio = rows["polling"].requests / rows["now"].requests
            console.print(f"By polling it would have been {ratio:,.1f} times the requests.")


def _cells(row: traffic.Traffic) -> tuple[str, str, str]:
    sizes = (f"{size / 1e6:,.2f}" if size is not None else "not known" for size in (row.up, row.down))
    up, down = sizes
    return f"{row.requests:,.0f}", up, down
