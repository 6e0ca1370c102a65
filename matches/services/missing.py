from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches.absence import is_enough
from matches.models import Match, MissingMark, Phase
from matches.services.attendance import absent_from
from matches.services.locking import lock_match, seat_of
from matches.services.preconditions import check_open
from matches.services.voiding import void_locked
from users.errors import Conflict, Invalid
from users.ids import is_public_id


@transaction.atomic
def match_mark_missing(*, match_id: str, user_id: str, missing_user_id: str, now: datetime | None = None) -> Match:
    """Mark another player as missing from the lobby. If more than half of the others do so, the match is void.

    All players who were absent are then treated alike: see `matches.absence`.

    Marking is possible only during the time to enter the lobby. Later it would be a way out of a match that is
    being lost. Marking the same player again changes nothing. A mark cannot be taken back.

    Args:
        match_id: the match.
        user_id: who marks.
        missing_user_id: who is marked.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Forbidden: `not_player`.
        Invalid: `missing_user_id` is no other player of the match.
        Conflict: `match_done`; `wrong_phase` outside the time to enter the lobby.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    by = seat_of(match, user_id)
    others = match.seats.exclude(pk=by.pk)
    seat = others.filter(user_id=missing_user_id).first() if is_public_id(missing_user_id) else None
    if seat is None:
        raise Invalid({"user_id": ["Name another player of the match."]})
    if MissingMark.objects.filter(seat=seat, by=by).exists():
        return match
    check_open(match)
    if match.phase != Phase.JOINING:
        raise Conflict("A player can be marked as missing only during the time to enter the lobby.", "wrong_phase")
    MissingMark.objects.create(match=match, seat=seat, by=by, marked_at=now)
    if is_enough(seat.missing_marks.count(), match.seats.count()):
        void_locked(match, why="absent", absent=absent_from(match), now=now)
    return match
