"""What a match means for its players' points for misconduct, when it closes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from matches import selectors
from matches.accusations import accused
from matches.models import Match, Result, Seat
from users.misconduct import MATCHES_PER_POINT
from users.models import User
from users.selectors import working_off_since
from users.services import penalty_for_misconduct, penalty_work_off


def judge(match: Match, seats: Sequence[Seat], users: Mapping[str, User], now: datetime) -> None:
    """Give a point to whom enough others have named, and take one from who has played enough since the last.

    Args:
        match: just closed; the caller has locked it and its players.
        seats: its seats.
        users: its players by id.
        now: the time of closing.
    """
    if match.result != Result.INVALID:
        _give_back(users, now)
    named = dict(match.reports.values_list("seat__user_id", "violations"))
    for user_id, number in accused({seat.user_id: seat.team for seat in seats}, named).items():
        reason = f"Named by {number} players of match {match.match_id}"
        penalty_for_misconduct(user=users[user_id], reason=reason, source=match.match_id, now=now)


def _give_back(users: Mapping[str, User], now: datetime) -> None:
    for user_id, since in working_off_since(users.keys()).items():
        if selectors.matches_played_since(user_id, since) >= MATCHES_PER_POINT:
            penalty_work_off(user=users[user_id], now=now)
