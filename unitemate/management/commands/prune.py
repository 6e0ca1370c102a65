"""`manage.py prune`: delete data whose retention has ended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from unitemate.retention import prune


class Command(BaseCommand):
    """Deletes expired data. `deploy/unitemate-prune.timer` runs it each night."""

    help = "Delete what has been kept for as long as the settings say (RETAIN_…_DAYS)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how much would go")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        for what, number, days in prune(now=timezone.now(), dry_run=dry_run):
            age = "" if days is None else f", older than {days} days"
            self.stdout.write(f"{number:>8} {what}{age}{' would go' if dry_run else ''}")
