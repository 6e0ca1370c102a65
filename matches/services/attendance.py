"""Who has been there since a match was made: kept as events, and read when the match is void."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone

from matches import selectors
from matches.absence import absent
from matches.models import Match, MatchEvent, Seat, Status
from realtime.models import Presence

SEEN = MatchEvent.Kind.SEEN


def match_seen(*, match_id: str, user_id: str, now: datetime | None = None) -> None:
    """Keep that a player has opened an open match. Only the first time is kept.

    Args:
        match_id: the match.
        user_id: who has opened it. Nothing is kept of anybody but its players.
        now: the time; the present by default.
    """
    seats = Seat.objects.filter(match=match_id, user=user_id, match__status=Status.MATCHED)
    _note(seats.filter(~_already()).values_list("match_id", "user_id"), now or timezone.now())


def attendance_note(*, now: datetime | None = None) -> None:
    """Keep which players of open matches are online.

    Args:
        now: the time; the present by default.
    """
    online = Exists(Presence.objects.filter(owner=OuterRef("user")))
    seats = Seat.objects.filter(online, ~_already(), is_open=True, match__status=Status.MATCHED)
    _note(seats.order_by().values_list("match_id", "user_id"), now or timezone.now())


def never_there(match: Match) -> set[str]:
    """The ids of the players who have neither been online nor opened the match nor done anything in it."""
    seen = _seen(match)
    return {seat.user_id for seat in match.seats.all() if seat.pk not in seen}


def absent_from(match: Match) -> set[str]:
    """The ids of the players who are absent by `matches.absence`: from the marks and the attendance."""
    seats = {seat.pk: seat.user_id for seat in match.seats.all()}
    marks = list(match.missing_marks.values_list("seat_id", "by_id"))
    return {seats[pk] for pk in absent(seats.keys(), marks, _seen(match))}


def _seen(match: Match) -> set[int]:
    """The seats of those who have been there."""
    seats = {seat.user_id: seat.pk for seat in match.seats.all()}
    there = set(match.events.filter(kind=SEEN).values_list("user_id", flat=True))
    if not there:  # nobody has opened it, or a version made it that kept no such events: attendance tells nothing
        return set(seats.values())
    there |= selectors.online(seats)
    acted = {*match.reports.values_list("seat_id", flat=True), *match.missing_marks.values_list("by_id", flat=True)}
    return acted | {pk for user_id, pk in seats.items() if user_id in there}


def _already() -> Exists:
    return Exists(MatchEvent.objects.filter(match=OuterRef("match"), user=OuterRef("user"), kind=SEEN))


def _note(seats: Iterable[tuple[str, str]], now: datetime) -> None:
    events = [MatchEvent(match_id=match_id, user_id=user_id, kind=SEEN, happened_at=now) for match_id, user_id in seats]
    if events:
        MatchEvent.objects.bulk_create(events, ignore_conflicts=True)
