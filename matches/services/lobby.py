"""From being matched to playing: who hosts, and where the lobby is."""

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from matches import selectors
from matches.limits import limit
from matches.models import Match, Phase, Status
from matches.services.locking import lock_match, seat_of
from users.errors import Conflict, Forbidden, Invalid

LOBBY_ID = re.compile(r"[0-9]{8}")


@transaction.atomic
def match_set_lobby(*, match_id: str, user_id: str, lobby_id: str, now: datetime | None = None) -> Match:
    """Tell the players the number of the lobby. The host may correct it until the match is done.

    Args:
        match_id: the match.
        user_id: who tells.
        lobby_id: eight digits.
        now: the time, from which the ten have `joining` seconds to enter; the present by default.

    Raises:
        Invalid: it is no lobby number.
        NotFound: there is no such match.
        Forbidden: `not_host`.
        Conflict: `match_done`.
    """
    if not isinstance(lobby_id, str) or not LOBBY_ID.fullmatch(lobby_id):
        raise Invalid({"lobby_id": ["A lobby's number has eight digits."]})
    match = lock_match(match_id)
    if match.host_id != user_id:
        raise Forbidden("Only the host sets the lobby.", "not_host")
    _check_open(match)
    if match.lobby_id == lobby_id:
        return match
    match.lobby_id = lobby_id
    if match.phase != Phase.PLAYING:
        match.phase = Phase.JOINING
        match.deadline = (now or timezone.now()) + limit("joining")
    match.save(update_fields=["lobby_id", "phase", "deadline"])
    return match


@transaction.atomic
def match_hand_host(*, match_id: str, user_id: str, host_user_id: str, now: datetime | None = None) -> Match:
    """Make another player the host.

    The host hands on to whom they like. Any player may take over from a host who is offline or
    late with the lobby. While there is no lobby, a new host has the full time to make one.

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
    _check_open(match)
    if host_user_id == match.host_id:
        return match
    if not match.seats.filter(user_id=host_user_id).exists():
        raise Invalid({"user_id": ["This is no player of the match."]})
    may_take = host_user_id == user_id and _host_is_absent(match, now)
    if match.host_id != user_id and not may_take:
        raise Forbidden("The host is there; only the host hands on.", "not_host")
    match.host_id = host_user_id
    if match.phase == Phase.LOBBY:
        match.deadline = now + limit("lobby")
    match.save(update_fields=["host", "deadline"])
    return match


def _host_is_absent(match: Match, now: datetime) -> bool:
    late = match.phase == Phase.LOBBY and match.deadline is not None and match.deadline <= now
    return match.host_id is None or late or not selectors.online([match.host_id])


def _check_open(match: Match) -> None:
    if match.status == Status.DONE:
        raise Conflict("This match is done.", "match_done")
