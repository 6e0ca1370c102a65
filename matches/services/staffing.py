"""What staff do to an open match that its players cannot do, or not any more."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from matches.lobby_number import lobby_number
from matches.models import Match, MatchEvent, MissingMark, Seat
from matches.result import Result
from matches.services.attendance import match_seen
from matches.services.closing import close_locked
from matches.services.lobby import check_may_host, follow_host, give_host, give_lobby
from matches.services.locking import lock_match, lock_users
from matches.services.notices import match_notify_void
from matches.services.preconditions import check_open
from matches.services.voiding import void_locked
from queue_app import guards
from queue_app.models import Entry
from users.errors import Conflict, Invalid, Refusal
from users.ids import is_public_id
from users.models import User
from users.notices import NoticeCode
from users.services import notice_give


@transaction.atomic
def match_assign_host(*, match_id: str, host_user_id: str, now: datetime | None = None) -> Match:
    """Make a player the host, whoever is it now; without a miss for anybody. For staff.

    Args:
        match_id: the match.
        host_user_id: who is to be the host. In the lobby phase they have the full time.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Conflict: `match_done`; `cannot_host` of a new host who is banned or has reported.
        Invalid: the new host is no player of the match.
    """
    match = lock_match(match_id)
    check_open(match)
    check_may_host(match, host_user_id, field="player")
    if match.host_id != host_user_id:
        give_host(match, host_user_id, now or timezone.now(), full_time=True)
    return match


@transaction.atomic
def match_assign_lobby(*, match_id: str, lobby_id: str, now: datetime | None = None) -> Match:
    """Tell the players the number of the lobby, in the host's stead. For staff.

    Args:
        match_id: the match.
        lobby_id: eight digits, among other things or not: see `lobby_number`.
        now: the time; from that of the first number the ten have `joining` seconds to enter. The present by default.

    Raises:
        Invalid: it is no lobby number.
        NotFound: there is no such match.
        Conflict: `match_done`.
    """
    lobby_id = lobby_number(lobby_id)
    match = lock_match(match_id)
    check_open(match)
    give_lobby(match, lobby_id, now or timezone.now())
    return match


@transaction.atomic
def match_void(*, match_id: str, put_back: bool = True, now: datetime | None = None) -> Match:
    """Close a match as invalid because it cannot be played, through nobody's fault. For staff.

    Args:
        match_id: the match.
        put_back: whether its players get their places in the queue back; not those who have reported,
            nor who is shut out.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Conflict: `match_done`.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    check_open(match)
    if put_back:
        void_locked(match, why="staff", now=now)
    else:
        close_locked(match, Result.INVALID, now)
        match_notify_void(match, why="staff", now=now)
    return match


@transaction.atomic
def match_replace_player(
    *, match_id: str, user_id: str, replacement_user_id: str, now: datetime | None = None
) -> Match:
    """Give a player's seat in an open match to another, who then is a player of it in every respect. For staff.

    Who goes is free at once. Who comes is taken out of the queue. A host who goes is followed by one
    of the others, chosen as the first was.

    Args:
        match_id: the match.
        user_id: who goes; not having reported.
        replacement_user_id: who comes.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Invalid: who goes is no player of the match, who comes is none of this service.
        Conflict: `match_done`; `already_reported` by who goes; `in_match` of who comes, or what else would keep
            them from joining the queue (`banned`, `penalty`, `no_season`, …); `blocked` where one of the
            others blocks them, or they one of the others.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    check_open(match)
    users = lock_users(one for one in (user_id, replacement_user_id) if is_public_id(one))
    replacement = users.get(replacement_user_id)
    if replacement is None:
        raise Invalid({"replacement": ["There is no such player."]})
    seat = match.seats.filter(user_id=user_id).first()
    if seat is None:
        raise Invalid({"player": ["This is no player of the match."]})
    if match.reports.filter(seat=seat).exists():
        raise Conflict("Who has reported has played; the seat stays theirs.", "already_reported")
    held = Q(is_open=True) | Q(match=match)
    if Seat.objects.filter(held, user=replacement).exists():
        raise Conflict("The replacement is in a match.", "in_match")
    _check_may_come(match, seat, replacement, now)
    _seat(seat, replacement, now)
    match_seen(match_id=match.match_id, user_id=replacement_user_id, now=now)  # staff have fetched them
    for kind, who in ((MatchEvent.Kind.LEFT, user_id), (MatchEvent.Kind.JOINED, replacement_user_id)):
        MatchEvent.objects.create(match=match, kind=kind, user_id=who, happened_at=now)
    notice_give(user_ids=[user_id], code=NoticeCode.SEAT_REPLACED, now=now, match_id=match.match_id)
    if match.host_id == user_id:
        follow_host(match, now, full_time=True)
    return match


def _check_may_come(match: Match, seat: Seat, replacement: User, now: datetime) -> None:
    """Refuse as replacement who could not have been matched."""
    try:
        guards.admit(replacement.pk, guards.read_facts(replacement.pk, now) or {}, now)
    except Refusal as refusal:
        code = str(refusal.get_codes())
        raise Conflict("The replacement may not queue now: a ban, a penalty, the hours or the season.", code) from None
    others = User.objects.filter(seats__in=match.seats.exclude(pk=seat.pk))
    blocks = dict(others.values_list("pk", "blocked_user_ids"))
    if not blocks.keys().isdisjoint(replacement.blocked_user_ids) or any(
        replacement.pk in blocked for blocked in blocks.values()
    ):
        raise Conflict("The replacement and one of the others do not want to play together.", "blocked")


def _seat(seat: Seat, replacement: User, now: datetime) -> None:
    """Sit down where another was; what was said of the other is not said of them."""
    MissingMark.objects.filter(Q(seat=seat) | Q(by=seat)).delete()
    entry = Entry.objects.filter(user=replacement).first()
    seat.user = replacement
    seat.selected_roles = entry.selected_roles if entry else [seat.role]
    seat.queued_at = entry.queued_at if entry else now
    seat.rate_before, seat.lobby_misses, seat.is_open = replacement.rate, 0, True
    seat.save(update_fields=["user", "selected_roles", "queued_at", "rate_before", "lobby_misses", "is_open"])
    if entry is not None:
        entry.delete()
