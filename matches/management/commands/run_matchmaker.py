"""`manage.py run_matchmaker`: makes matches, and moves matches on when their time limits end."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from matches.matchmaker import Matchmaker
from realtime.database import sessions
from realtime.database.pooling import refuse_pooler
from realtime.management.bounded_numbers import BoundedNumber

INTERVAL = BoundedNumber(0.1, 3600, "seconds", is_whole=False)


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C. Any number may run: one of them works, and another takes over when it ends."""

    help = "Make matches of the waiting players, and decide matches whose time has come."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=INTERVAL, default=5.0, help="seconds between rounds while nobody joins")
        parser.add_argument("--once", action="store_true", help="run one round, check the time limits once, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_pooler()
        matchmaker = Matchmaker(options["interval"])
        if options["once"]:
            matchmaker.tick(0)
            matchmaker.stop()
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sessions.set_timeouts()
        matchmaker.run(stop)
