"""From being matched to playing: who hosts, and where the lobby is."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matches import selectors
from matches.limits import limit
from matches.lobby_number import lobby_number
from matches.models import Match, MatchEvent, Phase, Status
from matches.services.hosting import choose_host
from matches.services.locking import lock_match, seat_of
from matches.services.voiding import void_locked
from users.errors import Conflict, Forbidden, Invalid

LOBBY_MISSES = 2
"""Hosts who let their time run out; then the match is void."""


@transaction.atomic
def match_set_lobby(*, match_id: str, user_id: str, lobby_id: str, now: datetime | None = None) -> Match:
    """Tell the players the number of the lobby. The host may correct it until the match is done.

    Args:
        match_id: the match.
        user_id: who tells.
        lobby_id: eight digits, among other things or not: see `lobby_number`.
        now: the time, from which the ten have `joining` seconds to enter; the present by default.

    Raises:
        Invalid: it is no lobby number.
        NotFound: there is no such match.
        Forbidden: `not_host`.
        Conflict: `match_done`.
    """
    lobby_id = lobby_number(lobby_id)
    match = lock_match(match_id)
    if match.host_id != user_id:
        raise Forbidden("Only the host sets the lobby.", "not_host")
    check_open(match)
    give_lobby(match, lobby_id, now or timezone.now())
    return match


@transaction.atomic
def match_hand_host(*, match_id: str, user_id: str, host_user_id: str, now: datetime | None = None) -> Match:
    """Make another player the host.

    The host hands on to whom they like. Any player may take over from a host who is offline or
    late with the lobby; being late is then a miss, as it is when `match_pass_host` comes first.
    While there is no lobby, a new host has the full time to make one.

    Args:
        match_id: the match.
        user_id: who asks.
        host_user_id: who is to be the host.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Forbidden: `not_player`; `not_host` when only the host may do this.
        Conflict: `match_done`.
        Invalid: the new host is no player of the match.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    seat_of(match, user_id)
    check_open(match)
    if host_user_id == match.host_id:
        return match
    if not match.seats.filter(user_id=host_user_id).exists():
        raise Invalid({"user_id": ["This is no player of the match."]})
    if match.host_id != user_id:
        late = _is_late(match, now)
        if host_user_id != user_id or not (late or _host_is_offline(match)):
            raise Forbidden("The host is there; only the host hands on.", "not_host")
        if late:
            _count_miss(match)
    give_host(match, host_user_id, now)
    return match


@transaction.atomic
def match_pass_host(*, match_id: str, now: datetime | None = None) -> Match:
    """Pass the host on from one who has let the time for the lobby run out; at the second miss the match is void.

    The next host is somebody who is there and has not missed the time already, chosen as the first
    was. A void match returns its players to the queue and punishes those who missed.

    Args:
        match_id: the match. One whose host is in time stays as it is.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    if not _is_late(match, now):
        return match
    _count_miss(match)
    seats = list(match.seats.select_related("user"))
    able = {seat.user_id: seat for seat in seats if seat.is_open and not seat.lobby_misses}
    if sum(seat.lobby_misses for seat in seats) >= LOBBY_MISSES or not able:
        absent = [seat.user_id for seat in seats if seat.lobby_misses]
        void_locked(match, why="no_lobby", absent=absent, now=now)
    else:
        users = {user_id: seat.user for user_id, seat in able.items()}
        host = choose_host(users, {user_id: seat.queued_at for user_id, seat in able.items()})
        give_host(match, host.user_id, now)
    return match


def give_lobby(match: Match, lobby_id: str, now: datetime) -> None:
    """Set the lobby, eight digits, of a match that the caller has locked and found open."""
    if match.lobby_id == lobby_id:
        return
    match.lobby_id = lobby_id
    if match.phase != Phase.PLAYING:
        match.phase, match.deadline = Phase.JOINING, now + limit("joining")
    match.save(update_fields=["lobby_id", "phase", "deadline"])
    MatchEvent.objects.create(
        match=match, kind=MatchEvent.Kind.LOBBY, user_id=match.host_id, lobby_id=lobby_id, happened_at=now
    )


def give_host(match: Match, user_id: str, now: datetime) -> None:
    """Set the host of a match that the caller has locked and found open."""
    match.host_id = user_id
    if match.phase == Phase.LOBBY:
        match.deadline = now + limit("lobby")
    match.save(update_fields=["host", "deadline"])
    MatchEvent.objects.create(match=match, kind=MatchEvent.Kind.HOST, user_id=user_id, happened_at=now)


def _is_late(match: Match, now: datetime) -> bool:
    return match.phase == Phase.LOBBY and match.deadline is not None and match.deadline <= now


def _host_is_offline(match: Match) -> bool:
    return match.host_id is None or not selectors.online([match.host_id])


def _count_miss(match: Match) -> None:
    match.seats.filter(user_id=match.host_id).update(lobby_misses=F("lobby_misses") + 1)


def check_open(match: Match) -> None:
    """Refuse a match that is done."""
    if match.status == Status.DONE:
        raise Conflict("This match is done.", "match_done")
