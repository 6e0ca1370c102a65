"""`manage.py serve`: the web server, HTTP and sockets."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from unitemate.server import serve


class Command(BaseCommand):
    help = "Serve HTTP and sockets with Uvicorn (WEB_CONCURRENCY processes)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=settings.WEB_CONCURRENCY)

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        if workers > 1 and not settings.REDIS_URL:
            raise CommandError("Several processes need a channel layer between them: set REDIS_URL.")
        serve(host=host, port=port, workers=workers)
