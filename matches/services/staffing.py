"""What only staff can do to an open match."""

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
    """Make a player the host. The host before gets no miss. For staff.

    Args:
        match_id: the match.
        host_user_id: the new host, who has the full time to make the lobby.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Conflict: `match_done`; `cannot_host` if the new host is banned or has reported.
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
    """Set the number of the lobby in place of the host. For staff.

    Args:
        match_id: the match.
        lobby_id: the number as typed: see `lobby_number`.
        now: the time; the present by default. The first number starts the `joining` seconds to enter the lobby.

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
    """Close a match as invalid, without fault of anybody. For staff.

    Args:
        match_id: the match.
        put_back: whether its players get their places in the queue back, unless they have reported, are banned or
            have a penalty.
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
    """Give a player's seat in an open match to a replacement, who is then a player like the others. For staff.

    The player who leaves may queue again at once. The replacement is taken out of the queue. If the host leaves,
    another host is chosen as the first was.

    Args:
        match_id: the match.
        user_id: the player who leaves, and has not reported.
        replacement_user_id: the player who takes the seat.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Invalid: `user_id` is no player of the match, or there is no such replacement.
        Conflict: `match_done`; `already_reported` by the player who leaves; `in_match` if the replacement is;
            `banned`, `penalty`, `no_season`, … if that would keep the replacement from joining the queue;
            `blocked` if there is a block between the replacement and another player.
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
        raise Invalid({"player": ["This player is not in the match."]})
    if match.reports.filter(seat=seat).exists():
        raise Conflict("This player has already reported a result and keeps the seat.", "already_reported")
    held = Q(is_open=True) | Q(match=match)
    if Seat.objects.filter(held, user=replacement).exists():
        raise Conflict("The replacement is in a match.", "in_match")
    _check_may_come(match, seat, replacement, now)
    _seat(seat, replacement, now)
    match_seen(match_id=match.match_id, user_id=replacement_user_id, now=now)  # staff have arranged it with them
    for kind, player_id in ((MatchEvent.Kind.LEFT, user_id), (MatchEvent.Kind.JOINED, replacement_user_id)):
        MatchEvent.objects.create(match=match, kind=kind, user_id=player_id, happened_at=now)
    notice_give(user_ids=[user_id], code=NoticeCode.SEAT_REPLACED, now=now, match_id=match.match_id)
    if match.host_id == user_id:
        follow_host(match, now, full_time=True)
    return match


def _check_may_come(match: Match, seat: Seat, replacement: User, now: datetime) -> None:
    """Refuse a replacement who could not have been matched into this seat."""
    try:
        guards.admit(replacement.pk, guards.read_facts(replacement.pk, now) or {}, now)
    except Refusal as refusal:
        code = str(refusal.get_codes())
        raise Conflict(
            "The replacement cannot queue now, because of a ban, a penalty, the hours of play or the season.", code
        ) from None
    others = User.objects.filter(seats__in=match.seats.exclude(pk=seat.pk))
    blocks = dict(others.values_list("pk", "blocked_user_ids"))
    if not blocks.keys().isdisjoint(replacement.blocked_user_ids) or any(
        replacement.pk in blocked for blocked in blocks.values()
    ):
        raise Conflict("There is a block between the replacement and another player of the match.", "blocked")


def _seat(seat: Seat, replacement: User, now: datetime) -> None:
    """Give the seat to the replacement. Marks by and of the player who leaves go."""
    MissingMark.objects.filter(Q(seat=seat) | Q(by=seat)).delete()
    entry = Entry.objects.filter(user=replacement).first()
    seat.user = replacement
    seat.selected_roles = entry.selected_roles if entry else [seat.role]
    seat.queued_at = entry.queued_at if entry else now
    seat.rate_before, seat.lobby_misses, seat.is_open = replacement.rate, 0, True
    seat.save(update_fields=["user", "selected_roles", "queued_at", "rate_before", "lobby_misses", "is_open"])
    if entry is not None:
        entry.delete()
