"""Closing a match in one transaction: the result, ratings, penalties, badges, and what it shows from then on."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches import selectors
from matches.models import Match, Phase, Seat, Status
from matches.result import Result, Vote, decide, too_few
from matches.services.badges import award_badges
from matches.services.locking import lock_match, lock_users
from matches.services.notices import match_notify_void
from matches.services.penalties import settle_penalties
from matches.services.preconditions import check_open, check_result
from matches.services.rating import rate_locked
from users.models import User
from users.selectors import badges_of


@transaction.atomic
def match_close(*, match_id: str, result: str, now: datetime | None = None) -> Match:
    """Close a match with this result, whatever was reported. For staff.

    Args:
        match_id: the match.
        result: one of `Result`.
        now: the time of closing; the present by default.

    Raises:
        Invalid: there is no such result.
        NotFound: there is no such match.
        Conflict: `match_done`.
    """
    check_result(result)
    match = lock_match(match_id)
    check_open(match)
    now = now or timezone.now()
    close_locked(match, result, now)
    if result == Result.INVALID:
        match_notify_void(match, why="staff", now=now)
    return match


@transaction.atomic
def match_decide(*, match_id: str, now: datetime | None = None, time_up: bool = False) -> Match:
    """Close a match if its reports decide it. A match that is done stays as it is.

    Args:
        match_id: the match.
        now: the time; the present by default. From `decide_at` on the match waits for no further reports.
        time_up: decide with the reports so far, also before `decide_at`. For staff.

    Raises:
        NotFound: there is no such match.
    """
    match = lock_match(match_id)
    if match.status == Status.MATCHED:
        decide_locked(match, now or timezone.now(), time_up=time_up)
    return match


def decide_locked(match: Match, now: datetime, *, time_up: bool = False) -> None:
    """Close a match if its reports decide it. The caller has locked it and found it open."""
    votes = [Vote(*vote) for vote in match.reports.values_list("seat__team", "result")]
    time_up = time_up or (match.decide_at is not None and match.decide_at <= now)
    result = decide(votes, seats=match.seats.count(), time_up=time_up)
    if result is not None:
        close_locked(match, result, now)
    if result == Result.INVALID:
        match_notify_void(match, why="not_enough_reports" if time_up and too_few(votes) else "players", now=now)


def close_locked(match: Match, result: str, now: datetime) -> None:
    """Close a match with this result. The caller has locked it and found it open."""
    seats = list(match.seats.all())
    users = lock_users(seat.user_id for seat in seats)
    rate_locked(match, seats, users, result, now)
    _freeze(seats, users)
    Seat.objects.bulk_update(seats, ["is_open", "rate_after", "rate_delta", "trainer_name", "badges", "was_online"])
    match.status, match.phase, match.deadline = Status.DONE, Phase.DONE, None
    match.result, match.closed_at = result, now
    match.save(update_fields=["status", "phase", "deadline", "result", "closed_at"])
    settle_penalties(match, users, now)
    if result != Result.INVALID:
        award_badges(users, now)


def _freeze(seats: list[Seat], users: dict[str, User]) -> None:
    """Keep how the players look now, for the record, and let them queue again."""
    online = selectors.online(users)
    badges = badges_of(users)
    for seat in seats:
        seat.is_open = False
        seat.trainer_name = users[seat.user_id].trainer_name
        seat.badges = badges[seat.user_id].equipped
        seat.was_online = seat.user_id in online
