"""Guards that keep players out of the queue because of matches, seasons and the hours of play."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery

from matches import selectors
from matches.hours import match_hours
from matches.models import Season, Seat
from queue_app.guards import NOW, Facts, guard
from staff.models import HouseRules
from users.errors import Conflict, Forbidden


@guard(has_open_seat=Exists(Seat.objects.filter(user=OuterRef("pk"), is_open=True)))
def not_in_match(facts: Facts, now: datetime) -> None:
    """Refuse joins and leaves while the player is in a match.

    Raises:
        Conflict: `in_match`.
    """
    if facts["has_open_seat"]:
        raise Conflict("You are in a match. Report its result first.", "in_match")


@guard(only_joins=True, has_seasons=Exists(Season.objects.all()), season_runs=Exists(selectors.seasons_running(NOW)))
def in_season(facts: Facts, now: datetime) -> None:
    """Refuse joins between seasons.

    Raises:
        Forbidden: `no_season`, until the next planned season begins.
    """
    if facts["has_seasons"] and not facts["season_runs"]:
        planned = Season.objects.filter(state=Season.State.PLANNED, starts_at__gt=now).order_by("starts_at").first()
        raise Forbidden("No season is running.", "no_season", until=planned.starts_at if planned else None)


@guard(only_joins=True, match_hours=Subquery(HouseRules.objects.values("match_hours")[:1]))
def in_hours(facts: Facts, now: datetime) -> None:
    """Refuse joins outside the hours of play.

    Raises:
        Forbidden: `closed_hours`, until the next opening.
    """
    hours = match_hours(facts["match_hours"] or "")
    if hours is not None and not hours.include(now):
        raise Forbidden(f"Matches are played from {hours}.", "closed_hours", until=hours.next_opening(now))
