"""Penalty points for misconduct, given and worked off when a match closes and shortly after."""

from collections.abc import Mapping
from datetime import datetime

from matches import selectors
from matches.models import Match
from matches.result import Result
from matches.violations import violators
from users.misconduct import MATCHES_PER_POINT
from users.models import User
from users.selectors import working_off_since
from users.services import penalty_for_misconduct, penalty_work_off


def settle_penalties(match: Match, users: Mapping[str, User], now: datetime) -> None:
    """Take a point from players who have worked it off, and give one to players reported by enough others.

    Args:
        match: just closed; the caller has locked it and its players.
        users: its players by id.
        now: the time of closing.
    """
    if match.result != Result.INVALID:
        _give_back(users, now)
    apply_penalties(match, users, now)


def apply_penalties(match: Match, users: Mapping[str, User], now: datetime) -> None:
    """Give a point to each player whom enough others have reported so far. A match gives a player one point at most.

    Args:
        match: done; the caller has locked it and its players.
        users: its players by id.
        now: the time.
    """
    teams = dict(match.seats.values_list("user_id", "team"))
    named = dict(match.reports.values_list("seat__user_id", "violations"))
    for user_id, number in violators(teams, named).items():
        reason = f"Named by {number} players of match {match.match_id}"
        penalty_for_misconduct(user=users[user_id], reason=reason, source=match.match_id, cause="reported", now=now)


def _give_back(users: Mapping[str, User], now: datetime) -> None:
    for user_id, since in working_off_since(users.keys()).items():
        if selectors.matches_played_since(user_id, since) >= MATCHES_PER_POINT:
            penalty_work_off(user=users[user_id], now=now)
