"""The projections of matches: pure functions of committed rows."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Count, F

from matches import selectors
from matches.matchmaking.waits import ARRIVALS, estimate, rounded
from matches.models import Match, Seat, Status
from queue_app.models import Entry
from queue_app.selectors import entries_by_roles
from realtime.streams import Document
from users.names import tags
from users.prepared import Prepared
from users.roles import ROLES
from users.selectors import Badges, badges_of
from users.times import rfc3339

MATCHES_FOR_WAIT = 10
"""How many of the latest matches the estimated wait is taken from."""


def matches(match_ids: Collection[str]) -> dict[str, Document]:
    """The projections of these matches."""
    found = list(Match.objects.filter(pk__in=match_ids).prefetch_related("seats__user", "reports", "missing_marks"))
    # An open match shows its players as they are now, a finished one as they were when it was closed.
    living = {seat.user_id for match in found if match.status == Status.MATCHED for seat in match.seats.all()}
    online, badges = selectors.online(living), badges_of(living)
    return {match.match_id: _match(match, online, badges) for match in found}


def _match(match: Match, online: set[str], badges: dict[str, Badges]) -> Document:
    seats, reports = list(match.seats.all()), list(match.reports.all())
    done = match.status == Status.DONE
    reported = {report.seat_id for report in reports}
    missing = Counter(mark.seat_id for mark in match.missing_marks.all())
    names = {seat.user_id: seat.trainer_name if done else seat.user.trainer_name for seat in seats}
    tag = tags(names)
    return {
        "match_id": match.match_id,
        "status": match.status,
        "phase": match.phase,
        "matched_at": rfc3339(match.matched_at),
        "deadline": rfc3339(match.deadline) if match.deadline else None,
        "host_user_id": match.host_id,
        "lobby_id": match.lobby_id or None,
        "vc": None if done else _voice_channels(match),
        "players": {
            seat.user_id: {
                "team": seat.team,
                "role": seat.role,
                "trainer_name": names[seat.user_id],
                "tag": tag.get(seat.user_id),
                "rate": seat.rate_before,
                "badges": seat.badges if done else badges[seat.user_id].equipped,
                "online": seat.was_online if done else seat.user_id in online,
                "reported": seat.pk in reported,
                "missing": missing[seat.pk] or None,
            }
            for seat in seats
        },
        "report_count": len(reports),
        "result": match.result or None,
        "rate_deltas": {seat.user_id: seat.rate_delta for seat in seats} if done else None,
    }


def _voice_channels(match: Match) -> dict[str, int] | None:
    number = match.voice_channel
    return {"A": number, "B": number + 1} if number is not None else None


def matchmaking_numbers() -> dict[str, Any]:
    """The fields of the `queue` stream about matches: open matches, the latest matches, and the estimated wait."""
    latest, ongoing = _latest.all(), _ongoing.first()
    made_at = latest[0]["matched_at"] if latest else None
    return {
        "ongoing_matches": ongoing["number"] if ongoing else 0,
        "previous_matched_at": rfc3339(made_at) if made_at else None,
        "previous_user_count": Seat.objects.filter(match__matched_at=made_at).count() if made_at else 0,
        "estimated_wait": _estimated_wait([match["pk"] for match in latest]),
    }


def _estimated_wait(latest: Collection[str]) -> dict[str, int | None]:
    """The estimated wait of a player who joins now, by the role that they name first."""
    # A replacement may have begun to wait after the match was made, and would count as a negative wait.
    seats = Seat.objects.filter(match__in=latest, queued_at__lte=F("match__matched_at")).order_by()
    times = seats.values_list("queued_at", "match__matched_at")
    served = [(queued_at.timestamp(), matched_at.timestamp()) for queued_at, matched_at in times]
    waiting: Counter[str] = Counter()
    for roles, number in entries_by_roles().items():
        if roles:  # a stored entry may name only roles that do not exist
            waiting[roles[0]] += number
    joined = [entry["queued_at"].timestamp() for entry in _arrivals.all()]
    waits = estimate(served, joined, waiting, ROLES)
    return {role: None if wait is None else rounded(wait) for role, wait in waits.items()}


_latest = Prepared(
    lambda: Match.objects.order_by("-matched_at", "match_id").values("pk", "matched_at")[:MATCHES_FOR_WAIT]
)
_ongoing = Prepared(
    lambda: Match.objects.filter(status=Status.MATCHED).order_by().values("status").annotate(number=Count("pk"))
)
_arrivals = Prepared(lambda: Entry.objects.order_by("-queued_at").values("queued_at")[:ARRIVALS])
