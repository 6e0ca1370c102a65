"""What the players say came out."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches.limits import limit
from matches.models import Match, Phase, Reason, Report, Seat, Status
from matches.result import QUORUM, Result
from matches.services.closing import decide_locked
from matches.services.lobby import follow_host
from matches.services.locking import lock_match, lock_users, seat_of
from matches.services.penalties import apply_penalties
from matches.services.preconditions import check_open, check_result
from matches.services.voiding import void_if_deserted
from users.errors import Conflict, Invalid


@transaction.atomic
def match_report(
    *,
    match_id: str,
    user_id: str,
    result: str,
    reason: str = "",
    violations: Sequence[str] = (),
    now: datetime | None = None,
) -> tuple[Report, bool]:
    """Take one player's report; it frees the player for the queue and may decide the match.

    Once the match is done, reports decide nothing any more. Six that agree close a match, so that
    most of its players would not be heard about misconduct: for a while a report that names some
    is still taken, from those who have not reported, and counts for that alone.

    Args:
        match_id: the match.
        user_id: who reports.
        result: one of `Result`; before there is a lobby only `invalid`.
        reason: one of `Reason`, why the match could not be started; only with `invalid`.
        violations: ids of other players of the match who are reported for misconduct.
        now: the time; the present by default.

    Returns:
        The player's report, and whether it is new: the same result reported again changes nothing.

    Raises:
        Invalid: the result, the reason or the violations are not as described.
        NotFound: there is no such match.
        Forbidden: `not_player`.
        Conflict: `already_reported` with another result; `wrong_phase` for a winner before there is a
            lobby; `match_done`, unless the report names misconduct and is not too late for it.
    """
    now = now or timezone.now()
    check_result(result)
    if reason and (reason not in Reason.values or result != Result.INVALID):
        raise Invalid({"reason": [f"With invalid, a reason is one of {', '.join(Reason.values)}."]})
    match = lock_match(match_id)
    seat = seat_of(match, user_id)
    earlier = Report.objects.filter(seat=seat).first()
    if earlier is not None:
        if earlier.result != result:
            raise Conflict("You have reported another result.", "already_reported")
        return earlier, False
    if not (violations and match.closed_at is not None and now < match.closed_at + limit("late_report")):
        check_open(match)
    _check_violations(match, seat, violations)
    if match.phase == Phase.LOBBY and result != Result.INVALID:
        raise Conflict("There is no lobby yet; a match that cannot be started is invalid.", "wrong_phase")
    report = Report.objects.create(
        seat=seat, match=match, result=result, reason=reason, violations=list(violations), reported_at=now
    )
    if match.status == Status.DONE:
        apply_penalties(match, lock_users(match.seats.values_list("user_id", flat=True)), now)
        return report, True
    void_if_deserted(match, now)  # while the match still holds the player, who then has the old place again
    if match.closed_at is not None:
        return report, True
    seat.is_open = False
    seat.save(update_fields=["is_open"])
    if match.reports.count() == QUORUM:
        _bring_decision_forward(match, now)
    decide_locked(match, now)
    if match.status != Status.DONE and match.host_id == user_id:
        follow_host(match, now)  # who has left leads nobody
    return report, True


def _check_violations(match: Match, seat: Seat, violations: Sequence[str]) -> None:
    others = set(match.seats.exclude(pk=seat.pk).values_list("user_id", flat=True))
    if len(set(violations)) < len(violations) or not others.issuperset(violations):
        raise Invalid({"violations": ["Name other players of the match, each once."]})


def _bring_decision_forward(match: Match, now: datetime) -> None:
    """From the quorum on, those who have not reported yet are given only a grace."""
    by_grace = now + limit("report_grace")
    match.decide_at = min(match.decide_at, by_grace) if match.decide_at else by_grace
    if match.phase == Phase.PLAYING:
        match.deadline = match.decide_at
    match.save(update_fields=["decide_at", "deadline"])
