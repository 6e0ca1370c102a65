"""A match that cannot be played because somebody is not there."""

from collections.abc import Collection
from datetime import datetime

from matches.models import Match, Phase
from matches.result import Result
from matches.services.attendance import never_there
from matches.services.closing import close_locked
from matches.services.locking import lock_users
from matches.services.notices import match_notify_void
from queue_app.services import Place, entries_put_back
from users.services import penalty_for_misconduct

REASONS = {"no_lobby": "Made no lobby for match %s", "absent": "Missing in match %s"}
"""What the absent are punished for, by why the match is void; for staff."""


def void_locked(match: Match, *, why: str, absent: Collection[str] = (), now: datetime) -> None:
    """Close a match as invalid, punish who was absent, give the others their places in the queue back, and tell all.

    Put back are those whom the match still holds. Who has reported has ended it for themselves,
    and may be in the queue or in another match already, or have gone home.

    Args:
        match: locked by the caller and found open.
        why: one of `users.notices.WHY`, and a key of `REASONS` where somebody is absent.
        absent: ids of the players because of whom it comes to nothing.
        now: the time.
    """
    users = lock_users(match.seats.values_list("user_id", flat=True))
    held = {
        seat.user_id: Place(selected_roles=seat.selected_roles, queued_at=seat.queued_at)
        for seat in match.seats.filter(is_open=True).exclude(user__in=absent)
    }
    close_locked(match, Result.INVALID, now)
    for user_id in sorted(absent):
        reason = REASONS[why] % match.match_id
        penalty_for_misconduct(user=users[user_id], reason=reason, source=match.match_id, cause=why, now=now)
    back = entries_put_back(places=held, now=now)
    match_notify_void(match, why=why, now=now, requeued={entry.user_id for entry in back}, at_fault=absent)


def void_if_deserted(match: Match, now: datetime) -> None:
    """Close a match as void once all who have been there say that it cannot be played, and the rest never were.

    There is nobody to wait for then. It is so after the time to enter the lobby alone.

    Args:
        match: locked by the caller and found open.
        now: the time.
    """
    reports = dict(match.reports.values_list("seat__user", "result"))
    if match.phase != Phase.PLAYING or not reports or set(reports.values()) != {Result.INVALID}:
        return
    absent = never_there(match)
    if absent and {seat.user_id for seat in match.seats.all()} - reports.keys() == absent:
        void_locked(match, why="absent", absent=absent, now=now)
