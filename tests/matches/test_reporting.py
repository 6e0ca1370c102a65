"""What players report, when it decides, and that it frees them."""

from datetime import timedelta

import pytest

from matches.models import Match, Phase, Report, Seat, Status
from matches.services import (
    match_close,
    match_create,
    match_hand_host,
    match_report,
    match_set_lobby,
    matches_advance,
)
from queue_app.services import entry_create
from realtime.models import Presence, Worker
from tests.matches.conftest import NOON, proposal_of, report_all
from tests.oracle import notice_of
from tests.scenes import open_lobby
from users.errors import Conflict, Forbidden, Invalid, NotFound
from users.ids import new_public_id
from users.roles import SUPPORT, TANK

pytestmark = pytest.mark.django_db
FULL_TIME = NOON + timedelta(minutes=20)
REPORT_WINDOW = timedelta(seconds=120)


@pytest.fixture
def match(match) -> Match:
    """With a lobby, so that a winner can be reported."""
    return open_lobby(match)


def report(match, user, result="A-win", violations=(), now=FULL_TIME):
    return match_report(match_id=match.match_id, user_id=user.user_id, result=result, violations=violations, now=now)


def stored(match) -> Match:
    return Match.objects.get(pk=match.pk)


def test_a_report_frees_its_player_for_the_queue(match, ten):
    made, created = report(match, ten[2], "B-win", [ten[7].user_id])
    assert created
    assert (made.result, made.violations, made.reported_at) == ("B-win", [ten[7].user_id], FULL_TIME)
    assert entry_create(user_id=ten[2].user_id, selected_roles=[TANK, SUPPORT], now=FULL_TIME)[1]
    with pytest.raises(Conflict):
        entry_create(user_id=ten[3].user_id, selected_roles=[TANK, SUPPORT], now=FULL_TIME)


def test_the_same_again_counts_once(match, ten):
    first, _ = report(match, ten[0], "A-win")
    again, created = report(match, ten[0], "A-win", [ten[1].user_id], now=FULL_TIME + REPORT_WINDOW)
    assert not created
    assert again == first
    assert again.violations == []
    assert Report.objects.count() == 1


def test_another_result_is_refused_and_the_first_stays(match, ten):
    report(match, ten[0], "A-win")
    with pytest.raises(Conflict) as refusal:
        report(match, ten[0], "B-win")
    assert refusal.value.get_codes() == "already_reported"
    assert Report.objects.get().result == "A-win"


def test_one_reporter_cannot_decide_by_reporting_often(match, ten):
    for _ in range(9):
        report(match, ten[0], "A-win")
    matches_advance(now=FULL_TIME + REPORT_WINDOW)
    assert stored(match).status == Status.MATCHED


@pytest.mark.parametrize("result", ["", "a-win", "C-win", None, 1, [], {}])
def test_an_unknown_result_is_refused(match, ten, result):
    with pytest.raises(Invalid) as refusal:
        report(match, ten[0], result)
    assert list(refusal.value.message_dict) == ["result"]


def test_violations_name_other_players_once(match, ten, make_user):
    stranger = make_user()
    for violations in ([ten[0].user_id], [stranger.user_id], ["\x00"], [ten[1].user_id, ten[1].user_id]):
        with pytest.raises(Invalid) as refusal:
            report(match, ten[0], violations=violations)
        assert list(refusal.value.message_dict) == ["violations"]
    assert not Report.objects.exists()
    report(match, ten[0], violations=[user.user_id for user in ten[1:]])


def test_only_players_report(match, make_user):
    with pytest.raises(Forbidden) as refusal:
        report(match, make_user())
    assert refusal.value.get_codes() == "not_player"
    with pytest.raises(NotFound):
        match_report(match_id=new_public_id(), user_id=make_user().user_id, result="A-win")


def test_a_match_that_is_done_takes_only_repetitions(match, ten):
    report(match, ten[0], "A-win")
    match_close(match_id=match.match_id, result="B-win", now=FULL_TIME)
    assert report(match, ten[0], "A-win")[1] is False
    with pytest.raises(Conflict) as refusal:
        report(match, ten[0], "B-win")
    assert refusal.value.get_codes() == "already_reported"
    with pytest.raises(Conflict) as refusal:
        report(match, ten[1], "A-win")
    assert refusal.value.get_codes() == "match_done"


def test_it_is_decided_at_the_report_that_settles_it(match, ten):
    report_all(match, ten, ["A-win"] * 5, FULL_TIME)
    assert stored(match).status == Status.MATCHED
    report(match, ten[5], "A-win")
    assert (stored(match).status, stored(match).result) == (Status.DONE, "A-win")


def test_five_reports_against_two_wait_for_the_other_three(match, ten):
    report_all(match, ten, ["A-win"] * 5 + ["B-win"] * 2, FULL_TIME)
    assert stored(match).decide_at == FULL_TIME + REPORT_WINDOW
    matches_advance(now=FULL_TIME + REPORT_WINDOW - timedelta(seconds=1))
    assert stored(match).status == Status.MATCHED
    for user in ten[7:]:
        report(match, user, "B-win", now=FULL_TIME + timedelta(seconds=60))
    assert stored(match).result == "invalid"


def test_after_seven_reports_the_others_have_a_grace_and_no_more(match, ten):
    report_all(match, ten, ["A-win"] * 5 + ["B-win"] * 2, FULL_TIME)
    report(match, ten[7], "invalid", now=FULL_TIME + timedelta(seconds=100))  # an eighth does not prolong it
    matches_advance(now=FULL_TIME + REPORT_WINDOW)
    assert (stored(match).status, stored(match).result) == (Status.DONE, "A-win")


def test_the_grace_does_not_outlast_the_match(match, ten):
    end = NOON + timedelta(minutes=40)
    report_all(match, ten, ["A-win"] * 5 + ["B-win"] * 2, end - timedelta(seconds=30))
    assert stored(match).decide_at == end


def test_while_playing_the_deadline_is_the_decision(match, ten):
    match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678", now=NOON)
    matches_advance(now=NOON + timedelta(seconds=250))
    assert (stored(match).phase, stored(match).deadline) == (Phase.PLAYING, NOON + timedelta(minutes=40))
    report_all(match, ten, ["A-win"] * 5 + ["B-win"] * 2, FULL_TIME)
    assert stored(match).deadline == FULL_TIME + REPORT_WINDOW


@pytest.mark.parametrize(
    ("votes", "result", "why"),
    [
        ({}, "invalid", "not_enough_reports"),
        ({0: "A-win"}, "invalid", "not_enough_reports"),  # nobody decides alone,
        ({0: "A-win", 5: "A-win"}, "invalid", "not_enough_reports"),
        ({0: "A-win", 1: "A-win", 2: "A-win"}, "invalid", "not_enough_reports"),  # nor a team for the other,
        ({0: "A-win", 1: "A-win", 2: "A-win", 3: "A-win"}, "A-win", None),  # unless nearly all of it agree
        ({0: "A-win", 1: "A-win", 2: "A-win", 3: "A-win", 4: "invalid"}, "invalid", "not_enough_reports"),
        ({0: "A-win", 1: "A-win", 5: "A-win"}, "A-win", None),
        ({0: "A-win", 1: "A-win", 5: "B-win"}, "A-win", None),
        ({0: "A-win", 1: "B-win", 5: "B-win", 6: "A-win"}, "invalid", "players"),
    ],
)
def test_below_seven_reports_forty_minutes_decide(match, ten, votes, result, why):
    report_all(match, [ten[number] for number in votes], list(votes.values()), FULL_TIME)
    matches_advance(now=NOON + timedelta(minutes=40) - timedelta(seconds=1))
    assert stored(match).status == Status.MATCHED
    matches_advance(now=NOON + timedelta(minutes=40))
    assert (stored(match).status, stored(match).result) == (Status.DONE, result)
    assert (notice_of(ten[9]) or {}).get("why") == why


def test_who_never_reports_is_free_once_the_match_is_done(match, ten):
    matches_advance(now=NOON + timedelta(minutes=40))
    for user in ten:
        assert entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=NOON + timedelta(minutes=41))[1]


def test_a_report_after_the_time_but_before_the_decision_still_counts(match, ten):
    report_all(match, [ten[0], ten[5]], ["A-win"] * 2, FULL_TIME)
    report(match, ten[1], "A-win", now=NOON + timedelta(minutes=40, seconds=1))
    assert (stored(match).status, stored(match).result) == (Status.DONE, "A-win")


class TestBeforeThereIsALobby:
    @pytest.fixture
    def match(self, ten):
        return match_create(proposal=proposal_of(ten), now=NOON)

    @pytest.mark.parametrize("result", ["A-win", "B-win"])
    def test_nobody_can_have_won(self, match, ten, result):
        for user in ten:
            with pytest.raises(Conflict) as refusal:
                report(match, user, result, now=NOON + timedelta(seconds=3))
            assert refusal.value.get_codes() == "wrong_phase"
        assert not Report.objects.exists()
        assert stored(match).status == Status.MATCHED

    def test_that_it_cannot_be_started_is_taken_with_its_reason(self, match, ten):
        made, _ = match_report(
            match_id=match.match_id, user_id=ten[3].user_id, result="invalid", reason="lobby_not_made", now=NOON
        )
        assert (made.result, made.reason) == ("invalid", "lobby_not_made")

    def test_a_reason_is_one_of_the_known_and_goes_with_invalid(self, match, ten):
        for result, reason in (("invalid", "bored"), ("A-win", "other")):
            with pytest.raises(Invalid) as refusal:
                match_report(match_id=match.match_id, user_id=ten[0].user_id, result=result, reason=reason, now=NOON)
            assert list(refusal.value.message_dict) == ["reason"]

    def test_with_the_lobby_a_winner_can_be_named(self, match, ten):
        open_lobby(match)
        assert report(match, ten[0], "A-win", now=NOON + timedelta(seconds=5))[1]


class TestAHostWhoReports:
    @pytest.fixture
    def match(self, ten):
        return match_create(proposal=proposal_of(ten), now=NOON)

    def test_is_no_host_any_more(self, match, ten):
        report(match, ten[0], "invalid", now=NOON + timedelta(seconds=20))
        assert stored(match).host == ten[1]
        assert stored(match).deadline == NOON + timedelta(seconds=150)  # more was left than a handover gives

    def test_the_next_has_a_minute_at_least(self, match, ten):
        report(match, ten[0], "invalid", now=NOON + timedelta(seconds=140))
        assert stored(match).deadline == NOON + timedelta(seconds=200)

    def test_who_has_missed_the_time_is_the_last_choice(self, match, ten):
        matches_advance(now=NOON + timedelta(seconds=150))
        assert stored(match).host == ten[1]
        report(match, ten[1], "invalid", now=NOON + timedelta(seconds=160))
        assert stored(match).host == ten[2]

    def test_nobody_who_has_reported_is_chosen_or_takes_over(self, match, ten):
        for number in (1, 0):
            report(match, ten[number], "invalid", now=NOON + timedelta(seconds=20))
        assert stored(match).host == ten[2]
        for by in (ten[2], ten[0]):
            with pytest.raises(Conflict) as refusal:
                match_hand_host(match_id=match.match_id, user_id=by.user_id, host_user_id=ten[0].user_id, now=NOON)
            assert refusal.value.get_codes() == "cannot_host"

    def test_one_left_by_an_older_version_is_taken_over_from_at_once(self, match, ten):
        worker = Worker.objects.create(worker_id="w", expires_at=NOON)
        Presence.objects.create(worker=worker, owner=ten[0].user_id)
        Seat.objects.filter(user=ten[0]).update(is_open=False)
        match_hand_host(match_id=match.match_id, user_id=ten[5].user_id, host_user_id=ten[5].user_id, now=NOON)
        assert stored(match).host == ten[5]

    def test_while_playing_somebody_else_can_still_correct_the_number(self, match, ten):
        open_lobby(match)
        matches_advance(now=NOON + timedelta(seconds=250))
        report(match, ten[0], "A-win")
        assert (stored(match).host, stored(match).deadline) == (ten[1], stored(match).decide_at)
