"""Closing a match as void."""

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
"""The reason of the penalty for absent players, by why the match is void; staff read it."""


def void_locked(match: Match, *, why: str, absent: Collection[str] = (), now: datetime) -> None:
    """Close a match as invalid, give absent players a penalty and the others their places in the queue, and tell all.

    Players who have reported are not put back. They have ended the match for themselves, and may be in the queue
    or in another match already, or gone.

    Args:
        match: locked by the caller and found open.
        why: one of `users.notices.WHY`, and a key of `REASONS` if somebody is absent.
        absent: ids of the players to whom it is put down.
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
    """Close a match as void if all players who have been there report it invalid and the others never came.

    Nobody is left to wait for then. This holds only after the time to enter the lobby.

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
