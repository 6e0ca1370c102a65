"""What keeps players out of the queue because of matches, seasons and the hours of play."""

from datetime import datetime

from matches import selectors
from matches.hours import match_hours
from matches.models import Seat
from queue_app.guards import guard, join_guard
from users.errors import Conflict, Forbidden


@guard
def not_in_match(user_id: str) -> None:
    """Refuse joins and leaves of a player with an open seat.

    Raises:
        Conflict: `in_match`.
    """
    if Seat.objects.filter(user_id=user_id, is_open=True).exists():
        raise Conflict("You are in a match; report it first.", "in_match")


@join_guard
def in_season(now: datetime) -> None:
    """Refuse joins between seasons.

    Raises:
        Forbidden: `no_season`.
    """
    if selectors.between_seasons(now):
        raise Forbidden("No season is running.", "no_season")


@join_guard
def in_hours(now: datetime) -> None:
    """Refuse joins outside the hours of play.

    Raises:
        Forbidden: `closed_hours`.
    """
    hours = match_hours()
    if hours is not None and not hours.include(now):
        raise Forbidden(f"Matches are played from {hours}.", "closed_hours")
