"""`manage.py season open NAME` and `manage.py season close`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from rest_framework.exceptions import APIException

from matches.models import Season
from matches.services import season_close, season_open
from realtime.management.printable import printable


class Command(BaseCommand):
    """Opens and closes seasons. Planned seasons open and close by themselves while a matchmaker runs."""

    help = "Open a season, or close the one that is open."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        opening = actions.add_parser("open", help="open the planned season of this name, or a new one")
        opening.add_argument("name")
        opening.add_argument(
            "--until", help="when a new season ends, such as 2026-12-31T23:59:00+09:00 (default: when it is closed)"
        )
        actions.add_parser("close", help="end the season; its ranks are kept once no match is open")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(printable(self._open(**options) if options["action"] == "open" else self._close()))
        except APIException as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error

    def _open(self, *, name: str, until: str | None, **options: Any) -> str:
        season = Season.objects.exclude(state=Season.State.CLOSED).filter(name=name).order_by("starts_at").first()
        if season is None:
            ends_at = parse_datetime(until) if until else None
            if until and (ends_at is None or is_naive(ends_at)):
                raise CommandError(f"{until} is not a time with an offset from UTC, such as 2026-12-31T23:59:00+09:00.")
            season = Season(name=name, ends_at=ends_at)
        return f"{season_open(season=season)} is open."

    def _close(self) -> str:
        season = Season.objects.filter(state=Season.State.OPEN).first()
        if season is None:
            raise CommandError("No season is open.")
        season = season_close(season=season)
        if season.state == Season.State.CLOSED:
            return f"{season} is closed; {season.ranks.count()} ranks are kept."
        return f"{season} has ended. The matchmaker closes it when the last match is done."
