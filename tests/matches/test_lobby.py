"""Who hosts, and where the lobby is."""

from datetime import timedelta

import pytest

from matches.models import Phase
from matches.services import match_assign_lobby, match_close, match_hand_host, match_set_lobby, matches_advance
from realtime.models import Presence, Worker
from tests.matches.conftest import NOON, UNKNOWN
from users.errors import Conflict, Forbidden, Invalid, NotFound
from users.models import Penalty
from users.services import user_ban

pytestmark = pytest.mark.django_db


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def host_online(match):
    worker = Worker.objects.create(worker_id="w", expires_at=NOON)
    return Presence.objects.create(worker=worker, owner=match.host_id)


def set_lobby(match, user, lobby_id="12345678", now=NOON):
    return match_set_lobby(match_id=match.match_id, user_id=user.user_id, lobby_id=lobby_id, now=now)


def hand(match, user, to, now=NOON):
    return match_hand_host(match_id=match.match_id, user_id=user.user_id, host_user_id=to.user_id, now=now)


class TestLobby:
    def test_the_host_sets_it_and_the_players_have_time_to_enter(self, match, ten):
        changed = set_lobby(match, ten[0], now=later(30))
        match.refresh_from_db()
        assert (match.lobby_id, match.phase) == ("12345678", Phase.JOINING)
        assert match.deadline == changed.deadline == later(30 + 250)

    def test_the_same_again_changes_nothing(self, match, ten):
        set_lobby(match, ten[0], now=NOON)
        assert set_lobby(match, ten[0], now=later(100)).deadline == later(250)

    def test_the_first_number_sets_the_time_and_corrections_do_not(self, match, ten):
        set_lobby(match, ten[0], now=NOON)
        for number, now in (("00000001", 100), ("00000002", 249)):
            changed = set_lobby(match, ten[0], number, now=later(now))
            assert (changed.lobby_id, changed.deadline) == (number, later(250))
        by_staff = match_assign_lobby(match_id=match.match_id, lobby_id="00000003", now=later(249))
        assert (by_staff.lobby_id, by_staff.deadline) == ("00000003", later(250))
        matches_advance(now=later(250))
        assert set_lobby(match, ten[0], "00000004", now=later(251)).phase == Phase.PLAYING

    def test_a_correction_while_playing_leaves_the_phase(self, match, ten):
        set_lobby(match, ten[0])
        matches_advance(now=later(250))
        changed = set_lobby(match, ten[0], "00000001", now=later(300))
        assert (changed.lobby_id, changed.phase, changed.deadline) == ("00000001", Phase.PLAYING, changed.decide_at)

    @pytest.mark.parametrize(
        "typed",
        [
            *("１２３４５６７８", "12345678\n", " 12345678", "1234 5678", "1234\u30005678", "12-34-56-78"),
            *("ID: 12345678", "ロビーID：１２３４５６７８です", "①②③④⑤⑥⑦⑧", "1234\u200b5678", "12345678" + " " * 92),
        ],
    )
    def test_the_digits_count_however_they_are_typed(self, match, ten, typed):
        assert set_lobby(match, ten[0], typed).lobby_id == "12345678"

    @pytest.mark.parametrize(
        "lobby_id",
        ["", "1234567", "123456789", "1234567a", "12345678²", "١٢٣٤٥٦٧٨", "12345678" + " " * 93, None, 12345678],
    )
    def test_what_is_no_lobby_number_is_refused(self, match, ten, lobby_id):
        with pytest.raises(Invalid) as refusal:
            set_lobby(match, ten[0], lobby_id)
        assert list(refusal.value.message_dict) == ["lobby_id"]
        match.refresh_from_db()
        assert match.lobby_id == ""

    def test_nobody_else_sets_it(self, match, ten, make_user):
        for user in (ten[1], make_user("stranger")):
            with pytest.raises(Forbidden) as refusal:
                set_lobby(match, user)
            assert refusal.value.get_codes() == "not_host"

    def test_not_once_the_match_is_done(self, match, ten):
        match_close(match_id=match.match_id, result="invalid", now=NOON)
        with pytest.raises(Conflict) as refusal:
            set_lobby(match, ten[0])
        assert refusal.value.get_codes() == "match_done"

    @pytest.mark.parametrize("match_id", [UNKNOWN, "", "\x00", "a" * 1000, "no-such"])
    def test_no_such_match(self, ten, match_id):
        with pytest.raises(NotFound):
            match_set_lobby(match_id=match_id, user_id=ten[0].user_id, lobby_id="12345678")


@pytest.mark.usefixtures("host_online")
class TestHost:
    def test_the_host_hands_on(self, match, ten):
        hand(match, ten[0], ten[6], now=later(60))
        match.refresh_from_db()
        assert match.host == ten[6]
        assert match.deadline == later(150)  # the new host has what is left

    def test_a_new_host_has_a_minute_at_least_once(self, match, ten):
        assert hand(match, ten[0], ten[6], now=later(140)).deadline == later(200)
        assert hand(match, ten[6], ten[0], now=later(190)).deadline == later(200)
        assert hand(match, ten[0], ten[6], now=later(199)).deadline == later(200)

    def test_handing_to_and_fro_holds_nobody(self, match, ten):
        """Each time with a second to go, among all ten: a minute for each who had not been host, and no more."""
        now, host = 149.0, 0
        for turn in range(1, 40):
            match.refresh_from_db()
            to = turn % 10
            hand(match, ten[host], ten[to], now=later(now))
            match.refresh_from_db()
            now, host = (match.deadline - NOON).total_seconds() - 1, to
        assert match.deadline == later(150 + 9 * 59)

    def test_handing_on_once_the_time_is_over_is_a_miss(self, match, ten):
        assert hand(match, ten[0], ten[6], now=later(150)).deadline == later(300)
        assert match.seats.get(user=ten[0]).lobby_misses == 1
        assert hand(match, ten[6], ten[0], now=later(300)).result == "invalid"
        assert set(Penalty.objects.values_list("user", flat=True)) == {ten[0].user_id, ten[6].user_id}

    def test_handing_on_in_the_lobby_leaves_the_time_to_enter(self, match, ten):
        set_lobby(match, ten[0])
        assert hand(match, ten[0], ten[6], now=later(60)).deadline == later(250)

    def test_who_is_host_already_stays_it(self, match, ten):
        assert hand(match, ten[0], ten[0]).host == ten[0]
        assert hand(match, ten[3], ten[0]).host == ten[0]

    def test_nobody_takes_over_from_a_host_who_is_there_and_in_time(self, match, ten):
        with pytest.raises(Forbidden) as refusal:
            hand(match, ten[1], ten[1], now=later(149))
        assert refusal.value.get_codes() == "not_host"

    def test_anybody_takes_over_from_a_host_who_is_late(self, match, ten):
        changed = hand(match, ten[1], ten[1], now=later(150))
        assert (changed.host, changed.deadline) == (ten[1], later(300))

    def test_the_new_host_is_not_late_at_once(self, match, ten):
        Presence.objects.create(worker_id="w", owner=ten[1].user_id)
        hand(match, ten[1], ten[1], now=later(150))
        with pytest.raises(Forbidden):
            hand(match, ten[2], ten[2], now=later(151))

    def test_a_host_who_has_made_the_lobby_is_not_late(self, match, ten):
        set_lobby(match, ten[0])
        with pytest.raises(Forbidden):
            hand(match, ten[1], ten[1], now=later(1000))

    def test_anybody_takes_over_from_a_host_who_is_offline(self, match, ten, host_online):
        host_online.delete()
        assert hand(match, ten[1], ten[1], now=later(1)).host == ten[1]

    def test_taking_over_for_somebody_else_is_not_on(self, match, ten, host_online):
        host_online.delete()
        with pytest.raises(Forbidden):
            hand(match, ten[1], ten[2])

    def test_a_host_whose_account_is_gone_is_absent(self, match, ten):
        type(match).objects.update(host=None)
        assert hand(match, ten[1], ten[1]).host == ten[1]

    def test_a_host_who_is_banned_is_none(self, match, ten, host_online):
        user_ban(user=ten[0], reason="cheats", now=NOON)
        assert hand(match, ten[3], ten[3]).host == ten[3]

    def test_who_is_banned_becomes_none(self, match, ten):
        user_ban(user=ten[1], reason="cheats", now=NOON)
        with pytest.raises(Conflict) as refusal:
            hand(match, ten[0], ten[1])
        assert refusal.value.get_codes() == "cannot_host"
        matches_advance(now=later(151))
        match.refresh_from_db()
        assert match.host == ten[2]  # who would have been the next but one

    def test_strangers_neither_hand_on_nor_become_host(self, match, ten, make_user):
        stranger = make_user()
        with pytest.raises(Forbidden) as refusal:
            hand(match, stranger, stranger, now=later(200))
        assert refusal.value.get_codes() == "not_player"
        with pytest.raises(Invalid) as invalid:
            hand(match, ten[0], stranger)
        assert list(invalid.value.message_dict) == ["user_id"]

    def test_not_once_the_match_is_done(self, match, ten):
        match_close(match_id=match.match_id, result="invalid", now=NOON)
        with pytest.raises(Conflict) as refusal:
            hand(match, ten[0], ten[1])
        assert refusal.value.get_codes() == "match_done"
