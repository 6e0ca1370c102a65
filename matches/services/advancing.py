"""Moving matches on when a time limit ends."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches.models import Match, Phase, Status
from matches.services.attendance import attendance_note
from matches.services.closing import match_decide
from matches.services.lobby import match_pass_host
from matches.services.locking import lock_match
from matches.services.voiding import void_if_deserted

logger = logging.getLogger(__name__)


def matches_advance(*, now: datetime | None = None) -> int:
    """Move on every match whose time limit has ended: decide it, choose another host, or let it be played.

    Each match is moved in a transaction of its own, which checks it again under its lock. So several processes
    may do this at once, and a match that cannot be moved holds up no other.

    Args:
        now: the time; the present by default.

    Returns:
        How many matches were moved.
    """
    now = now or timezone.now()
    attendance_note(now=now)
    opened = Match.objects.filter(status=Status.MATCHED).order_by("match_id")
    late = opened.filter(deadline__lte=now).exclude(decide_at__lte=now)
    steps = [
        (step, match_id)
        for step, matches in (
            (match_decide, opened.filter(decide_at__lte=now)),
            (match_pass_host, late.filter(phase=Phase.LOBBY)),
            (match_start_playing, late.filter(phase=Phase.JOINING)),
        )
        for match_id in matches.values_list("pk", flat=True)
    ]
    moved = 0
    for step, match_id in steps:
        try:
            step(match_id=match_id, now=now)
        except Exception:
            logger.exception("a match could not be moved on", extra={"match_id": match_id})
        else:
            moved += 1
    return moved


@transaction.atomic
def match_start_playing(*, match_id: str, now: datetime | None = None) -> Match:
    """Go from joining to playing once the time to enter the lobby is over, or close a deserted match.

    While a match is played its deadline is the time of its decision.

    Args:
        match_id: the match.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
    """
    match = lock_match(match_id)
    now = now or timezone.now()
    if match.phase == Phase.JOINING and match.deadline is not None and match.deadline <= now:
        match.phase, match.deadline = Phase.PLAYING, match.decide_at
        match.save(update_fields=["phase", "deadline"])
        void_if_deserted(match, now)
    return match
