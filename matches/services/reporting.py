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
    """Take one player's report. The player may then queue again, and the report may decide the match.

    Six reports that agree close a match, and four players may not have reported misconduct by then. So for a
    while after the match is done, a report with violations is still taken from players who have not reported. It
    counts for the violations alone.

    Args:
        match_id: the match.
        user_id: who reports.
        result: one of `Result`; before there is a lobby only `invalid`.
        reason: one of `Reason`: why the match could not be started. Only with `invalid`.
        violations: ids of other players of the match, reported for misconduct.
        now: the time; the present by default.

    Returns:
        The player's report, and whether it is new. Reporting the same result again changes nothing.

    Raises:
        Invalid: the result, the reason or the violations are not as described.
        NotFound: there is no such match.
        Forbidden: `not_player`.
        Conflict: `already_reported` with another result; `wrong_phase` for a winner before there is a lobby;
            `match_done`, unless the report has violations and is not too late for them.
    """
    now = now or timezone.now()
    check_result(result)
    if reason and (reason not in Reason.values or result != Result.INVALID):
        raise Invalid({"reason": [f"A reason goes with an invalid result and is one of {', '.join(Reason.values)}."]})
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
        raise Conflict("There is no lobby yet. If the match cannot be started, report it as invalid.", "wrong_phase")
    report = Report.objects.create(
        seat=seat, match=match, result=result, reason=reason, violations=list(violations), reported_at=now
    )
    if match.status == Status.DONE:
        apply_penalties(match, lock_users(match.seats.values_list("user_id", flat=True)), now)
        return report, True
    # The seat is still open here, so that the player gets the old place in the queue back if the match is void.
    void_if_deserted(match, now)
    if match.closed_at is not None:
        return report, True
    seat.is_open = False
    seat.save(update_fields=["is_open"])
    if match.reports.count() == QUORUM:
        _bring_decision_forward(match, now)
    decide_locked(match, now)
    if match.status != Status.DONE and match.host_id == user_id:
        follow_host(match, now)  # a player who has reported may leave, and cannot lead the match
    return report, True


def _check_violations(match: Match, seat: Seat, violations: Sequence[str]) -> None:
    others = set(match.seats.exclude(pk=seat.pk).values_list("user_id", flat=True))
    if len(set(violations)) < len(violations) or not others.issuperset(violations):
        raise Invalid({"violations": ["Name other players of the match, each once."]})


def _bring_decision_forward(match: Match, now: datetime) -> None:
    """Once there is a quorum, give the players who have not reported only `report_grace` more."""
    by_grace = now + limit("report_grace")
    match.decide_at = min(match.decide_at, by_grace) if match.decide_at else by_grace
    if match.phase == Phase.PLAYING:
        match.deadline = match.decide_at
    match.save(update_fields=["decide_at", "deadline"])
