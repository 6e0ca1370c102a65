"""`manage.py run_bots`: demo players who queue, play short matches and queue again."""

import asyncio
import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from realtime.management.bounded_numbers import BoundedNumber
from unitemate.simulation.bots import run_bots

BOTS = BoundedNumber(1, 500, "bots")


class Command(BaseCommand):
    help = "Lets bots play at a server with the development login, until SIGINT or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the server (%(default)s)")
        parser.add_argument("--bots", type=BOTS, default=14, help="how many (%(default)s)")

    def handle(self, *args: Any, url: str, bots: int, **options: Any) -> None:
        asyncio.run(_until_stopped(url.rstrip("/"), bots))


async def _until_stopped(url: str, bots: int) -> None:
    playing = asyncio.create_task(run_bots(url, bots))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, playing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await playing
