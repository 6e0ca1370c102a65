"""Closing a match: its result, the ratings, misconduct and what it shows from then on, in one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches import selectors
from matches.models import Match, Phase, Result, Seat, Status
from matches.rating import Standing, deltas
from matches.result import decide
from matches.services.earning import earn
from matches.services.judging import judge
from matches.services.locking import lock_match, lock_users
from users.errors import Conflict, Invalid
from users.models import User
from users.selectors import badges_of


@transaction.atomic
def match_close(*, match_id: str, result: str, now: datetime | None = None) -> Match:
    """Close a match with this result, whatever was reported; for staff.

    Args:
        match_id: the match.
        result: one of `Result`.
        now: the time of closing; the present by default.

    Raises:
        Invalid: there is no such result.
        NotFound: there is no such match.
        Conflict: `match_done`.
    """
    if result not in Result.values:
        raise Invalid({"result": [f"A result is one of {', '.join(Result.values)}."]})
    match = lock_match(match_id)
    if match.status == Status.DONE:
        raise Conflict("This match is done.", "match_done")
    close_locked(match, result, now or timezone.now())
    return match


@transaction.atomic
def match_decide(*, match_id: str, now: datetime | None = None, at_once: bool = False) -> Match:
    """Close a match with what was reported, if it is decided; a match that is done stays as it is.

    Args:
        match_id: the match.
        now: the time, by which reports outstanding may have run out of theirs; the present by default.
        at_once: not to wait for outstanding reports; for staff.

    Raises:
        NotFound: there is no such match.
    """
    match = lock_match(match_id)
    if match.status == Status.MATCHED:
        decide_locked(match, now or timezone.now(), at_once=at_once)
    return match


def decide_locked(match: Match, now: datetime, *, at_once: bool = False) -> None:
    """Close a match that the caller has locked and found open, if its reports decide it by now."""
    votes = list(match.reports.values_list("result", flat=True))
    due = match.decide_at is not None and match.decide_at <= now
    result = decide(votes, seats=match.seats.count(), time_up=due or at_once)
    if result is not None:
        close_locked(match, result, now)


def close_locked(match: Match, result: str, now: datetime) -> None:
    """Close a match that the caller has locked and found open."""
    seats = list(match.seats.all())
    users = lock_users(seat.user_id for seat in seats)
    _rate(seats, users, result)
    _freeze(seats, users)
    Seat.objects.bulk_update(seats, ["is_open", "rate_after", "rate_delta", "trainer_name", "badges", "was_online"])
    match.status, match.phase, match.deadline = Status.DONE, Phase.DONE, None
    match.result, match.closed_at = result, now
    match.save(update_fields=["status", "phase", "deadline", "result", "closed_at"])
    judge(match, seats, users, now)
    if result != Result.INVALID:
        earn(users, now)


def _rate(seats: list[Seat], users: dict[str, User], result: str) -> None:
    """Give each account and its seat what the result makes of the rating.

    The change follows from the ratings at the time of matching. It is applied to those of now,
    since another match may have been closed in between.
    """
    changes = _rating_changes(seats, users, result)
    for seat in seats:
        user = users[seat.user_id]
        before = user.rate
        if changes is not None:
            change = changes[user.user_id]
            user.rate = max(0, before + change)
            user.max_rate = max(user.max_rate, user.rate)
            user.last_rate_delta = user.rate - before
            user.match_count += 1
            user.win_count += seat.wins_by(result)
        seat.rate_after, seat.rate_delta = user.rate, user.rate - before
    if changes is not None:
        User.objects.bulk_update(users.values(), ["rate", "max_rate", "last_rate_delta", "match_count", "win_count"])


def _rating_changes(seats: list[Seat], users: dict[str, User], result: str) -> dict[str, int] | None:
    """{user id: change} of a decided match; None where nobody has won."""
    if result == Result.INVALID:
        return None
    sides: dict[bool, dict[str, Standing]] = {True: {}, False: {}}
    for seat in seats:
        standing = Standing(rating=seat.rate_before, matches=users[seat.user_id].match_count)
        sides[seat.wins_by(result)][seat.user_id] = standing
    return deltas(winners=sides[True], losers=sides[False])


def _freeze(seats: list[Seat], users: dict[str, User]) -> None:
    """Keep for the record how the players looked; and nobody is held by this match any longer."""
    online = selectors.online(users)
    badges = badges_of(users)
    for seat in seats:
        seat.is_open = False
        seat.trainer_name = users[seat.user_id].trainer_name
        seat.badges = badges[seat.user_id].equipped
        seat.was_online = seat.user_id in online
