"""The host and the lobby of a match."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matches import selectors
from matches.limits import limit
from matches.lobby_number import lobby_number
from matches.models import Match, MatchEvent, Phase
from matches.services.attendance import match_seen, never_there
from matches.services.hosting import choose_host
from matches.services.locking import lock_match, seat_of
from matches.services.preconditions import check_open
from matches.services.voiding import void_locked
from users.errors import Conflict, Forbidden, Invalid

LOBBY_MISSES = 2
"""How often hosts may let the time for the lobby run out, all hosts together. Then the match is void."""


@transaction.atomic
def match_set_lobby(*, match_id: str, user_id: str, lobby_id: str, now: datetime | None = None) -> Match:
    """Set the number of the lobby, as the host. It can be corrected until the match is done.

    Args:
        match_id: the match.
        user_id: who sets it.
        lobby_id: the number as typed: see `lobby_number`.
        now: the time; the present by default. The first number starts the `joining` seconds to enter the lobby.

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
    match_seen(match_id=match_id, user_id=user_id, now=now)
    give_lobby(match, lobby_id, now or timezone.now())
    return match


@transaction.atomic
def match_hand_host(*, match_id: str, user_id: str, host_user_id: str, now: datetime | None = None) -> Match:
    """Make another player the host.

    The host may choose any player. Any player may take over from a host who is offline or late with the lobby. A
    host who is late then has a miss, just as in `match_pass_host`. `give_host` says how much time a new host has
    to make the lobby.

    Args:
        match_id: the match.
        user_id: who asks.
        host_user_id: who is to be the host.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
        Forbidden: `not_player`; `not_host` if only the host may do this.
        Conflict: `match_done`; `cannot_host` if the new host is banned or has reported.
        Invalid: the new host is no player of the match.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    seat_of(match, user_id)
    check_open(match)
    match_seen(match_id=match_id, user_id=user_id, now=now)
    if host_user_id == match.host_id:
        return match
    check_may_host(match, host_user_id, field="user_id")
    late = _is_late(match, now)
    takes_over = host_user_id == user_id and (late or _host_is_gone(match))
    if match.host_id != user_id and not takes_over:
        raise Forbidden("The host is online and in time, so only the host can choose a new host.", "not_host")
    if not (late and _miss(match, now)):
        give_host(match, host_user_id, now, full_time=late)
    return match


@transaction.atomic
def match_pass_host(*, match_id: str, now: datetime | None = None) -> Match:
    """Choose another host if the host has let the time for the lobby run out. At the second miss the match is void.

    The next host is chosen as the first was, among the players who have not had a miss. If the match is void, its
    players go back into the queue. Players with a miss, and players who have never been there, get a penalty
    instead.

    Args:
        match_id: the match. If its host is in time, it stays as it is.
        now: the time; the present by default.

    Raises:
        NotFound: there is no such match.
    """
    now = now or timezone.now()
    match = lock_match(match_id)
    if _is_late(match, now) and not _miss(match, now):
        follow_host(match, now, full_time=True)
    return match


def give_lobby(match: Match, lobby_id: str, now: datetime) -> None:
    """Set the lobby of a match. The caller has locked it and found it open.

    The first number starts the time to enter the lobby. A correction does not start it again: corrections could
    hold the match up for ever.

    Raises:
        Invalid: it is no lobby number.
    """
    lobby_id = lobby_number(lobby_id)
    if match.lobby_id == lobby_id:
        return
    match.lobby_id = lobby_id
    if match.phase == Phase.LOBBY:
        match.phase, match.deadline = Phase.JOINING, now + limit("joining")
    match.save(update_fields=["lobby_id", "phase", "deadline"])
    MatchEvent.objects.create(
        match=match, kind=MatchEvent.Kind.LOBBY, user_id=match.host_id, lobby_id=lobby_id, happened_at=now
    )


def give_host(match: Match, user_id: str, now: datetime, *, full_time: bool) -> None:
    """Set the host of a match. The caller has locked it and found it open.

    Args:
        match: the match.
        user_id: one of its players, who has not reported.
        now: the time.
        full_time: whether the new host has the full time to make a lobby, as after a miss. Otherwise they have
            the time that is left, and at least `handover` seconds the first time that they are the host. So
            players gain no time by making each other the host in turn.
    """
    if match.phase == Phase.LOBBY and full_time:
        match.deadline = now + limit("lobby")
    elif match.phase == Phase.LOBBY and not match.events.filter(kind=MatchEvent.Kind.HOST, user_id=user_id).exists():
        match.deadline = max(match.deadline or now, now + limit("handover"))
    match.host_id = user_id
    match.save(update_fields=["host", "deadline"])
    MatchEvent.objects.create(match=match, kind=MatchEvent.Kind.HOST, user_id=user_id, happened_at=now)


def follow_host(match: Match, now: datetime, *, full_time: bool = False) -> None:
    """Choose another host as the first was chosen, preferably one without a miss.

    Args:
        match: locked by the caller and found open. If all others have reported or are banned, the host stays.
        now: the time.
        full_time: as for `give_host`.
    """
    others = match.seats.filter(is_open=True).exclude(user=match.host_id).select_related("user")
    held = [seat for seat in others if not seat.user.is_banned]
    seats = [seat for seat in held if not seat.lobby_misses] or held
    if seats:
        host = choose_host(
            {seat.user_id: seat.user for seat in seats}, {seat.user_id: seat.queued_at for seat in seats}
        )
        give_host(match, host.user_id, now, full_time=full_time)


def check_may_host(match: Match, user_id: str, *, field: str) -> None:
    """Refuse a new host who cannot host.

    Args:
        match: the match.
        user_id: who is to be the host.
        field: the field of the request or form that names them.

    Raises:
        Invalid: they are no player of the match.
        Conflict: `cannot_host` if they are banned or have reported, which ends the match for them.
    """
    seat = match.seats.filter(user_id=user_id).first()
    if seat is None:
        raise Invalid({field: ["This player is not in the match."]})
    if seat.user.is_banned or not seat.is_open:
        raise Conflict("This player is banned or has already reported, so they cannot be the host.", "cannot_host")


def _is_late(match: Match, now: datetime) -> bool:
    return match.phase == Phase.LOBBY and match.deadline is not None and match.deadline <= now


def _host_is_gone(match: Match) -> bool:
    host = match.seats.filter(user_id=match.host_id, is_open=True).select_related("user").first()
    return host is None or host.user.is_banned or not selectors.online([host.user_id])


def _miss(match: Match, now: datetime) -> bool:
    """Count a miss of the host, and close the match as void if there are too many.

    Returns:
        Whether the match is void: there are `LOBBY_MISSES`, or nobody without a miss is left.
    """
    match.seats.filter(user_id=match.host_id).update(lobby_misses=F("lobby_misses") + 1)
    seats = list(match.seats.all())
    able = any(seat.is_open and not seat.lobby_misses for seat in seats)
    void = sum(seat.lobby_misses for seat in seats) >= LOBBY_MISSES or not able
    if void:
        late = {seat.user_id for seat in seats if seat.lobby_misses}
        void_locked(match, why="no_lobby", absent=late | never_there(match), now=now)
    return void
