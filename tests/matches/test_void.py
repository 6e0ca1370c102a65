"""Matches that come to nothing: hosts who make no lobby, and players who do not come."""

from datetime import timedelta

import pytest

from matches.models import Match, MissingMark, Phase, Seat, Status
from matches.services import (
    match_close,
    match_create,
    match_hand_host,
    match_mark_missing,
    match_pass_host,
    match_report,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
)
from queue_app.models import Entry
from queue_app.services import entry_create
from realtime.models import Presence, Worker
from tests.matches.conftest import NOON, UNKNOWN, proposal_of
from users.errors import Conflict, Forbidden, Invalid, NotFound
from users.models import Penalty, User
from users.roles import MIDDLE, ROLES, SUPPORT, TANK
from users.services import penalty_give

pytestmark = pytest.mark.django_db


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def everybody_online(match, ten):
    worker = Worker.objects.create(worker_id="w", expires_at=NOON)
    Presence.objects.bulk_create(Presence(worker=worker, owner=user.user_id) for user in ten)


def stored(match) -> Match:
    return Match.objects.get(pk=match.pk)


def queued_since(ten) -> dict:
    """When each of `ten` joined, as the fixture has it."""
    return {user.user_id: NOON - timedelta(seconds=60 - number) for number, user in enumerate(ten)}


def entries() -> dict:
    return dict(Entry.objects.values_list("user_id", "queued_at"))


class TestLateHosts:
    @pytest.mark.usefixtures("everybody_online")
    def test_a_late_host_passes_it_on_and_the_next_has_the_full_time(self, match, ten):
        assert matches_advance(now=later(149)) == 0
        assert matches_advance(now=later(150)) == 1
        assert (stored(match).host, stored(match).phase) == (ten[1], Phase.LOBBY)
        assert stored(match).deadline == later(300)
        assert Seat.objects.get(user=ten[0]).lobby_misses == 1
        assert not Penalty.objects.exists()  # the match may still be played
        match_set_lobby(match_id=match.match_id, user_id=ten[1].user_id, lobby_id="12345678", now=later(200))
        assert stored(match).phase == Phase.JOINING

    @pytest.mark.usefixtures("everybody_online")
    def test_the_next_is_one_who_is_online(self, match, ten):
        Presence.objects.exclude(owner__in=[ten[6].user_id, ten[0].user_id]).delete()
        matches_advance(now=later(150))
        assert stored(match).host == ten[6]

    def test_where_nobody_is_online_it_is_passed_on_all_the_same(self, match, ten):
        matches_advance(now=later(150))
        assert stored(match).host == ten[1]

    @pytest.mark.usefixtures("everybody_online")
    def test_it_never_comes_back_to_one_who_has_missed_or_left(self, match, ten):
        User.objects.filter(pk=ten[0].pk).update(match_count=50)  # otherwise the first choice
        match_report(match_id=match.match_id, user_id=ten[1].user_id, result="invalid", now=later(100))
        matches_advance(now=later(150))
        assert stored(match).host == ten[2]

    def test_after_the_second_miss_the_match_is_void(self, match, ten):
        matches_advance(now=later(150))
        matches_advance(now=later(299))
        assert stored(match).status == Status.MATCHED
        matches_advance(now=later(300))
        assert (stored(match).status, stored(match).result) == (Status.DONE, "invalid")
        assert {user.match_count for user in User.objects.all()} == {0}

    def test_the_others_are_back_in_their_places_and_come_first(self, match, ten, make_user):
        matches_advance(now=later(150))
        matches_advance(now=later(300))
        since = queued_since(ten)
        assert entries() == {user.user_id: since[user.user_id] for user in ten[2:]}
        assert Entry.objects.get(user=ten[5]).selected_roles == list(ROLES)
        newcomers = [make_user() for _ in range(4)]
        for user in newcomers:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=later(310))
        (again,) = matchmaking_round(now=later(900))  # when any match will do, whatever roles it gives
        assert {user.user_id for user in ten[2:]} <= {seat.user_id for seat in again.seats.all()}

    def test_the_hosts_who_missed_are_punished_and_kept_out(self, match, ten):
        matches_advance(now=later(150))
        matches_advance(now=later(300))
        assert {penalty.user_id for penalty in Penalty.objects.all()} == {ten[0].user_id, ten[1].user_id}
        for penalty in Penalty.objects.all():
            assert (penalty.points, penalty.source) == (1, match.match_id)
            assert penalty.until == later(300) + timedelta(minutes=30)
        with pytest.raises(Forbidden):
            entry_create(user_id=ten[0].user_id, selected_roles=[TANK, SUPPORT], now=later(400))

    def test_taking_over_from_a_late_host_counts_the_miss(self, match, ten):
        match_hand_host(match_id=match.match_id, user_id=ten[4].user_id, host_user_id=ten[4].user_id, now=later(151))
        assert Seat.objects.get(user=ten[0]).lobby_misses == 1
        matches_advance(now=later(301))
        assert stored(match).result == "invalid"
        assert {penalty.user_id for penalty in Penalty.objects.all()} == {ten[0].user_id, ten[4].user_id}

    def test_taking_over_from_an_offline_host_counts_none(self, match, ten):
        match_hand_host(match_id=match.match_id, user_id=ten[4].user_id, host_user_id=ten[4].user_id, now=later(10))
        assert Seat.objects.get(user=ten[0]).lobby_misses == 0

    def test_a_host_who_missed_and_takes_it_again_does_not_hold_the_match_up(self, match, ten):
        for host, now in ((ten[1], 151), (ten[0], 160)):
            match_hand_host(match_id=match.match_id, user_id=host.user_id, host_user_id=host.user_id, now=later(now))
        matches_advance(now=later(310))
        assert stored(match).result == "invalid"
        assert Penalty.objects.get().user == ten[0]

    def test_a_host_in_time_is_left_alone(self, match):
        assert match_pass_host(match_id=match.match_id, now=later(149)).deadline == later(150)
        with pytest.raises(NotFound):
            match_pass_host(match_id=UNKNOWN)

    def test_a_lobby_that_comes_late_but_before_the_clock_counts(self, match, ten):
        match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678", now=later(151))
        assert matches_advance(now=later(152)) == 0
        assert stored(match).phase == Phase.JOINING


class TestWhoIsPutBack:
    def void(self) -> None:
        matches_advance(now=later(150))
        matches_advance(now=later(300))

    def test_who_has_reported_is_not(self, match, ten):
        match_report(match_id=match.match_id, user_id=ten[5].user_id, result="invalid", now=later(100))
        self.void()
        assert set(entries()) == {user.user_id for user in ten[2:] if user != ten[5]}

    def test_who_has_queued_again_keeps_the_new_place(self, match, ten):
        match_report(match_id=match.match_id, user_id=ten[5].user_id, result="invalid", now=later(100))
        entry_create(user_id=ten[5].user_id, selected_roles=[MIDDLE, TANK], now=later(110))
        self.void()
        assert Entry.objects.get(user=ten[5]).queued_at == later(110)
        assert Entry.objects.get(user=ten[5]).selected_roles == [MIDDLE, TANK]

    def test_who_is_in_another_match_stays_there(self, match, ten, make_user):
        match_report(match_id=match.match_id, user_id=ten[5].user_id, result="invalid", now=later(100))
        others = [ten[5], *(make_user() for _ in range(9))]
        for user in others:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=later(110))
        other = match_create(proposal=proposal_of(others), now=later(120))
        matches_advance(now=later(150))
        match_set_lobby(match_id=other.match_id, user_id=other.host_id, lobby_id="12345678", now=later(200))
        matches_advance(now=later(300))
        assert stored(match).result == "invalid"
        assert not Entry.objects.filter(user=ten[5]).exists()
        assert Seat.objects.get(user=ten[5], is_open=True).match == other

    def test_who_could_not_join_now_is_not(self, match, ten):
        penalty_give(user=ten[5], points=1, reason="test", until=later(3600), now=NOON)
        User.objects.filter(pk=ten[6].pk).update(banned_at=NOON)
        self.void()
        assert set(entries()) == {user.user_id for user in ten[2:] if user not in (ten[5], ten[6])}


@pytest.fixture
def joining(match, ten) -> Match:
    return match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678", now=NOON)


def say(match, by, missing, now=60):
    return match_mark_missing(
        match_id=match.match_id, user_id=by.user_id, missing_user_id=missing.user_id, now=later(now)
    )


class TestMissing:
    def test_five_of_nine_void_the_match(self, joining, ten):
        for user in ten[:4]:
            say(joining, user, ten[9])
        assert stored(joining).status == Status.MATCHED
        assert say(joining, ten[4], ten[9], now=70).status == Status.DONE
        assert (stored(joining).result, stored(joining).closed_at) == ("invalid", later(70))
        since = queued_since(ten)
        assert entries() == {user.user_id: since[user.user_id] for user in ten[:9]}
        penalty = Penalty.objects.get()
        assert (penalty.user, penalty.source, penalty.until) == (ten[9], joining.match_id, later(70 + 1800))

    def test_saying_it_again_counts_once(self, joining, ten):
        for _ in range(9):
            say(joining, ten[0], ten[9])
        assert MissingMark.objects.count() == 1
        for user in ten[1:5]:
            say(joining, user, ten[9])
        assert say(joining, ten[0], ten[9]).status == Status.DONE  # a retry after the end is answered alike
        with pytest.raises(Conflict) as refusal:
            say(joining, ten[7], ten[9])
        assert refusal.value.get_codes() == "match_done"
        assert Penalty.objects.count() == 1

    def test_different_players_are_counted_apart(self, joining, ten):
        for number in range(5):
            say(joining, ten[number], ten[(number + 1) % 5])
        for user in ten[5:9]:
            say(joining, user, ten[9])
        assert stored(joining).status == Status.MATCHED

    def test_hosts_who_missed_earlier_are_innocent_then(self, match, ten):
        matches_advance(now=later(150))
        match_set_lobby(match_id=match.match_id, user_id=ten[1].user_id, lobby_id="12345678", now=later(160))
        for user in ten[:5]:
            say(match, user, ten[9], now=200)
        assert Penalty.objects.get().user == ten[9]
        assert ten[0].user_id in entries()

    def test_only_while_there_is_time_to_enter(self, match, ten):
        with pytest.raises(Conflict) as refusal:
            say(match, ten[0], ten[9])
        assert refusal.value.get_codes() == "wrong_phase"
        match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678", now=NOON)
        matches_advance(now=later(250))
        with pytest.raises(Conflict) as refusal:
            say(match, ten[0], ten[9], now=251)
        assert refusal.value.get_codes() == "wrong_phase"
        match_close(match_id=match.match_id, result="A-win", now=later(600))
        with pytest.raises(Conflict) as refusal:
            say(match, ten[0], ten[9])
        assert refusal.value.get_codes() == "match_done"

    def test_only_players_say_it_and_of_other_players(self, joining, ten, make_user):
        stranger = make_user()
        with pytest.raises(Forbidden) as refusal:
            say(joining, stranger, ten[9])
        assert refusal.value.get_codes() == "not_player"
        for missing in (ten[0].user_id, stranger.user_id, "\x00", "", UNKNOWN):
            with pytest.raises(Invalid) as invalid:
                match_mark_missing(match_id=joining.match_id, user_id=ten[0].user_id, missing_user_id=missing)
            assert list(invalid.value.message_dict) == ["user_id"]
        assert not MissingMark.objects.exists()

    def test_who_is_missing_and_named_for_it_is_punished_once(self, joining, ten):
        for number, user in enumerate(ten[:5]):
            match_report(
                match_id=joining.match_id,
                user_id=user.user_id,
                result=("A-win", "B-win")[number % 2],
                violations=[ten[9].user_id],
                now=later(50),
            )
        match_report(
            match_id=joining.match_id,
            user_id=ten[5].user_id,
            result="A-win",
            violations=[ten[9].user_id],
            now=later(50),
        )
        for user in ten[:5]:
            say(joining, user, ten[9])
        assert Penalty.objects.get().user == ten[9]
        assert set(entries()) == {user.user_id for user in ten[6:9]}


def test_over_rest(match, ten, api):
    path = f"/api/matches/{match.match_id}/missing"
    body = {"user_id": ten[9].user_id}
    refusal = api(ten[0]).post(path, body)
    assert (refusal.status_code, refusal.json()["errors"][0]["code"]) == (409, "wrong_phase")
    match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678")
    assert api().post(path, body).status_code == 401
    for wrong in ({}, {"user_id": None}, {"user_id": "\x00"}, {"user_id": ten[0].user_id}, {**body, "more": 1}):
        answer = api(ten[0]).post(path, wrong)
        assert (answer.status_code, answer.json()["errors"][0]["attr"] in ("user_id", "more")) == (400, True)
    for user in ten[:4]:
        answer = api(user).post(path, body)
    assert answer.status_code == 200
    assert answer.json()["players"][ten[9].user_id]["missing"] == 4
    assert answer.json()["players"][ten[8].user_id]["missing"] is None
    public = api().get(f"/api/matches/{match.match_id}").json()
    assert public["players"][ten[9].user_id]["missing"] is None
    done = api(ten[4]).post(path, body).json()
    assert (done["status"], done["result"]) == ("done", "invalid")
    assert api(ten[4]).post(path, body).status_code == 200
    assert api(ten[0]).get("/api/queue/me").json()["in_queue"] is True
    assert api(ten[9]).get("/api/users/me").json()["penalty"]["points"] == 1
