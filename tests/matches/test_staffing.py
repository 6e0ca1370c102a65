"""What staff do to open matches: hosts and lobbies in the players' stead, and seats given to others."""

from datetime import timedelta

import pytest

from matches.limits import limit
from matches.models import Match, MissingMark, Season
from matches.services import (
    match_assign_host,
    match_assign_lobby,
    match_close,
    match_mark_missing,
    match_replace_player,
    match_report,
    season_delete,
)
from matches.streams import open_to
from queue_app.models import Entry
from queue_app.services import entry_create
from realtime.identity import Identity
from tests.matches.conftest import NOON, UNKNOWN
from tests.scenes import open_lobby
from users.errors import Conflict, Invalid, NotFound
from users.models import User
from users.services import penalty_give, user_ban

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(seconds=30)


def replace(match, user, replacement) -> None:
    match_replace_player(
        match_id=match.match_id, user_id=user.user_id, replacement_user_id=replacement.user_id, now=LATER
    )
    match.refresh_from_db()


@pytest.fixture
def eve(make_user):
    """One more player, who is not in the match."""
    return make_user("Eve", rate=1700)


def test_a_host_is_set_without_a_miss_and_with_the_full_time(match, ten):
    other = next(user for user in ten if user.pk != match.host_id)
    match_assign_host(match_id=match.pk, host_user_id=other.pk, now=LATER)
    match.refresh_from_db()
    assert (match.host, match.deadline) == (other, LATER + limit("lobby"))
    assert not match.seats.exclude(lobby_misses=0).exists()


@pytest.mark.parametrize("typed", ["12345678", "ID: １２３４ ５６７８"])
def test_a_lobby_is_set_whoever_is_host(match, typed):
    match_assign_lobby(match_id=match.pk, lobby_id=typed, now=LATER)
    match.refresh_from_db()
    assert (match.lobby_id, match.phase, match.deadline) == ("12345678", "joining", LATER + limit("joining"))


@pytest.mark.parametrize("lobby_id", ["", "1234567", "123456789", "1234567x"])
def test_what_is_no_lobby_is_refused(match, lobby_id):
    with pytest.raises(Invalid):
        match_assign_lobby(match_id=match.pk, lobby_id=lobby_id, now=LATER)


def test_a_host_is_one_of_the_ten(match, eve):
    with pytest.raises(Invalid):
        match_assign_host(match_id=match.pk, host_user_id=eve.pk, now=LATER)


def test_who_comes_has_the_seat_and_who_goes_is_free(match, ten, eve):
    seat = match.seats.exclude(user=match.host).first()
    gone = seat.user
    entry_create(user_id=eve.pk, selected_roles=["TANK", "SUPPORT"], now=NOON)
    replace(match, gone, eve)
    new = match.seats.get(user=eve)
    assert (new.pk, new.team, new.role, new.rate_before) == (seat.pk, seat.team, seat.role, 1700)
    assert (new.selected_roles, new.queued_at, new.is_open) == (["TANK", "SUPPORT"], NOON, True)
    assert not Entry.objects.exists()
    assert match.seats.count() == 10
    assert entry_create(user_id=gone.pk, selected_roles=["TANK", "SUPPORT"], now=LATER)[1]
    with pytest.raises(Conflict):
        entry_create(user_id=eve.pk, selected_roles=["TANK", "SUPPORT"], now=LATER)


def test_the_match_is_then_played_and_rated_with_who_came(match, ten, eve):
    gone = match.seats.get(team="A", role="TANK").user
    replace(match, gone, eve)
    open_lobby(match)
    match_report(match_id=match.pk, user_id=eve.pk, result="A-win", violations=[ten[9].pk], now=LATER)
    match_close(match_id=match.pk, result="A-win", now=LATER)
    eve.refresh_from_db()
    gone.refresh_from_db()
    assert (eve.match_count, eve.win_count, gone.match_count) == (1, 1, 0)
    assert eve.rate > 1700


def test_a_host_who_goes_is_followed_by_one_who_stays(match, eve):
    host = match.host
    replace(match, host, eve)
    assert match.host != host
    assert match.seats.filter(user=match.host).exists()


def test_what_was_said_of_who_goes_is_not_said_of_who_comes(match, ten, eve):
    match_assign_lobby(match_id=match.pk, lobby_id="12345678", now=LATER)
    gone, *others = [user for user in ten if user.pk != match.host_id]
    for one, other in ((others[0], gone), (gone, others[1])):
        match_mark_missing(match_id=match.pk, user_id=one.pk, missing_user_id=other.pk, now=LATER)
    replace(match, gone, eve)
    assert not MissingMark.objects.exists()


def test_whoever_has_lost_the_seat_no_longer_sees_the_match(match, ten, eve):
    gone = ten[3]
    replace(match, gone, eve)
    sees = {user: bool(open_to(Identity(user.pk, expires_at=0), [match.pk])) for user in (gone, eve)}
    assert sees == {gone: False, eve: True}


def test_who_has_reported_keeps_the_seat(match, ten, eve):
    open_lobby(match)
    match_report(match_id=match.pk, user_id=ten[0].pk, result="A-win", now=LATER)
    with pytest.raises(Conflict) as refusal:
        replace(match, ten[0], eve)
    assert refusal.value.get_codes() == "already_reported"


def test_who_is_in_a_match_takes_no_seat(match, ten):
    with pytest.raises(Conflict) as refusal:
        replace(match, ten[0], ten[1])
    assert refusal.value.get_codes() == "in_match"


def test_who_is_unknown_takes_no_seat_and_only_players_give_one_up(match, ten, eve, make_user):
    with pytest.raises(Invalid):
        replace(match, eve, make_user("Fay"))
    with pytest.raises(Invalid):
        match_replace_player(match_id=match.pk, user_id=ten[0].pk, replacement_user_id=UNKNOWN)


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("banned", "banned"),
        ("time-out", "penalty"),
        ("points", "penalty"),
        ("hours", "closed_hours"),
        ("season", "no_season"),
        ("blocks", "blocked"),
        ("is blocked", "blocked"),
    ],
)
def test_who_could_not_have_been_matched_takes_no_seat(match, ten, eve, settings, why, code):
    if why == "banned":
        user_ban(user=eve, reason="x")
    elif why == "time-out":
        penalty_give(user=eve, points=1, reason="x", until=LATER + timedelta(seconds=1), now=NOON)
    elif why == "points":
        penalty_give(user=eve, points=6, reason="x", now=NOON)
    elif why == "hours":
        settings.MATCH_HOURS = "02:00-03:00"
    elif why == "season":
        Season.objects.create(name="one", starts_at=LATER + timedelta(days=1))
    elif why == "blocks":
        User.objects.filter(pk=eve.pk).update(blocked_user_ids=[ten[7].pk])
    else:
        User.objects.filter(pk=ten[7].pk).update(blocked_user_ids=[eve.pk])
    with pytest.raises(Conflict) as refusal:
        replace(match, ten[3], eve)
    assert refusal.value.get_codes() == code
    assert match.seats.filter(user=ten[3]).exists()


def test_a_block_against_who_goes_keeps_nobody_from_coming(match, ten, eve):
    User.objects.filter(pk=eve.pk).update(blocked_user_ids=[ten[3].pk])
    replace(match, ten[3], eve)
    assert match.seats.filter(user=eve).exists()


@pytest.mark.parametrize("step", [match_assign_host, match_assign_lobby, match_replace_player])
def test_nothing_is_done_to_matches_that_are_done_or_unknown(match, ten, eve, step):
    fields = {
        match_assign_host: {"host_user_id": ten[0].pk},
        match_assign_lobby: {"lobby_id": "12345678"},
        match_replace_player: {"user_id": ten[0].pk, "replacement_user_id": eve.pk},
    }[step]
    with pytest.raises(NotFound):
        step(match_id=UNKNOWN, **fields)
    match_close(match_id=match.pk, result="A-win", now=NOON)
    before = Match.objects.values().get()
    with pytest.raises(Conflict) as refusal:
        step(match_id=match.pk, **fields)
    assert refusal.value.get_codes() == "match_done"
    assert Match.objects.values().get() == before


def test_only_a_season_that_has_not_begun_is_deleted():
    begun, planned = (Season.objects.create(name=state, starts_at=NOON, state=state) for state in ("open", "planned"))
    season_delete(season=planned)
    season_delete(season=planned)
    with pytest.raises(Conflict):
        season_delete(season=begun)
    assert Season.objects.get() == begun
