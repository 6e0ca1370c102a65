"""`manage.py serve`: the web server, for HTTP and sockets."""

import contextlib
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.database.pooling import refuse_pooler
from realtime.management.bounded_numbers import BoundedNumber
from realtime.telemetry import multiprocess
from realtime.telemetry.instruments import INSTRUMENTS
from unitemate.environment import NUMBERS
from unitemate.serving.server import configuration, serve
from unitemate.serving.workers import Workers

WORKERS = NUMBERS["WEB_CONCURRENCY"][1]


class Command(BaseCommand):
    help = "Serve HTTP and sockets with Uvicorn (WEB_CONCURRENCY processes)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=NUMBERS["PORT"][1], default=8000)
        parser.add_argument("--unix", metavar="PATH", help="listen at a Unix socket besides, for a proxy here")
        parser.add_argument("--workers", type=WORKERS, default=settings.WEB_CONCURRENCY, help="WEB_CONCURRENCY")
        parser.add_argument(
            "--fd",
            type=BoundedNumber(0, 1_048_576),
            help="accept from this inherited socket, as one of several workers",
        )

    def handle(
        self, *args: Any, host: str, port: int, unix: str | None, workers: int, fd: int | None, **options: Any
    ) -> None:
        if workers > 1 and unix is not None:
            raise CommandError("A Unix socket belongs to one process: --workers 1, and several commands.")
        if workers > 1 and not settings.REDIS_URL:
            raise CommandError("Several processes need a channel layer between them: set REDIS_URL.")
        refuse_pooler()
        with contextlib.suppress(OSError):  # then nothing is shared, as it says at its first count
            multiprocess.folder().prune(known=INSTRUMENTS)
        if fd is not None:
            serve(socket.socket(fileno=fd))
        elif workers == 1:
            serve(host=host, port=port, path=unix)
        else:
            with configuration(host=host, port=port).bind_socket() as listening:
                Workers(workers, listening).run()
