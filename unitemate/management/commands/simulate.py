"""`manage.py simulate`: an evening of players over the public REST and socket API, and its audit."""

import asyncio
import json
import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from realtime.management.bounded_numbers import BoundedNumber
from realtime.management.printable import printable
from unitemate.environment import NUMBERS
from unitemate.simulation import figures
from unitemate.simulation.report import show
from unitemate.simulation.run import DEFAULT_SPEED, simulate
from unitemate.simulation.server import NotReady, private_server

PLAYERS = BoundedNumber(1, 20_000, "players")
HOURS = BoundedNumber(0.01, len(figures.NEW_PLAYERS_BY_HOUR), "hours", is_whole=False)
SEED = BoundedNumber(0, 2**63 - 1)


class Command(BaseCommand):
    help = (
        "Plays an evening of simulated players, who use nothing but the public API, and compares at the end "
        "what every client mirrors with the REST answers. Exit status 0 only if nothing differs and nobody is stuck."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--players", type=PLAYERS, default=figures.PLAYERS, help="how many come (%(default)s)")
        parser.add_argument("--hours", type=HOURS, default=figures.HOURS, help="of the evening (%(default)s)")
        parser.add_argument(
            "--speed",
            type=NUMBERS["UNITEMATE_TIME_SCALE"][1],
            help=f"simulated seconds per real one ({DEFAULT_SPEED:g}; of a given server, its own time scale)",
        )
        parser.add_argument("--url", help="a running server with the development login (default: a private one)")
        parser.add_argument(
            "--workers",
            type=NUMBERS["WEB_CONCURRENCY"][1],
            help="server processes, on DATABASE_URL and REDIS_URL (default: one, on SQLite)",
        )
        parser.add_argument("--seed", type=SEED, default=1, help="of all chance (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, **options: Any) -> None:
        console = Console(stderr=options["json"])
        speed, url = options["speed"] or DEFAULT_SPEED, options["url"]

        def echo(name: str, line: str) -> None:
            console.print(f"{name:<10} | {printable(line)}", style="dim", markup=False, highlight=False)

        server = nullcontext(url) if url else private_server(speed=speed, workers=options["workers"], echo=echo)
        try:
            with server as address:
                report = asyncio.run(
                    simulate(
                        address.rstrip("/"),
                        players=options["players"],
                        hours=options["hours"],
                        speed=options["speed"],
                        seed=options["seed"],
                        console=console,
                    )
                )
        except (NotReady, ConnectionError, ValueError) as error:
            raise CommandError("\n".join(map(printable, str(error).splitlines()))) from error
        except KeyboardInterrupt:
            raise CommandError("broken off", returncode=130) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), indent=2))
        else:
            show(report, console)
        if not report.is_good:
            sys.exit(1)
