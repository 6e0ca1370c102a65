"""Metrics of matches."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from matches.models import Match, Phase, Status
from realtime.operations import views
from realtime.telemetry.instruments import LabelValues, counter, histogram, observable_gauge

MADE = counter("unitemate_matches_made_total", "Matches that were made.")
ROUND_SECONDS = histogram("unitemate_matchmaking_round_seconds", "How long a round of matchmaking took.")
WAIT_SECONDS = histogram(
    "unitemate_match_wait_seconds",
    "How long players waited for their match.",
    buckets=(5, 15, 30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 3600),
)


def made(match: Match) -> None:
    """Count a match that was made, and the waits of its players."""
    MADE.labels().inc()
    for queued_at in match.seats.values_list("queued_at", flat=True):
        WAIT_SECONDS.labels().observe(max(0.0, (match.matched_at - queued_at).total_seconds()))


@observable_gauge("unitemate_matches_open", "Matches that are not done.", "phase")
def open_matches() -> Mapping[LabelValues, float]:
    found = Match.objects.filter(status=Status.MATCHED).values_list("phase").annotate(Count("pk")).order_by()
    numbers = {phase: float(number) for phase, number in found}
    return {(phase,): numbers.get(phase, 0.0) for phase in Phase.values if phase != Phase.DONE}


@observable_gauge("unitemate_matches_made_last_minute", "Matches that were made within the last minute.")
def made_last_minute() -> float:
    return float(Match.objects.filter(matched_at__gt=timezone.now() - timedelta(minutes=1)).count())


views.level("matches", "unitemate_matches_open", by="phase")
views.level("formed", "unitemate_matches_made_last_minute")
