"""What players report, when it decides, and that it frees them."""

from datetime import timedelta

import pytest

from matches.models import Match, Phase, Report, Status
from matches.services import match_close, match_report, match_set_lobby, matches_advance
from queue_app.services import entry_create
from tests.matches.conftest import NOON, report_all
from users.errors import Conflict, Forbidden, Invalid, NotFound
from users.ids import new_public_id
from users.roles import SUPPORT, TANK

pytestmark = pytest.mark.django_db
FULL_TIME = NOON + timedelta(minutes=20)
GRACE = timedelta(seconds=120)


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
    again, created = report(match, ten[0], "A-win", [ten[1].user_id], now=FULL_TIME + GRACE)
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
    matches_advance(now=FULL_TIME + GRACE)
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
    assert stored(match).decide_at == FULL_TIME + GRACE
    matches_advance(now=FULL_TIME + GRACE - timedelta(seconds=1))
    assert stored(match).status == Status.MATCHED
    for user in ten[7:]:
        report(match, user, "B-win", now=FULL_TIME + timedelta(seconds=60))
    assert stored(match).result == "invalid"


def test_after_seven_reports_the_others_have_a_grace_and_no_more(match, ten):
    report_all(match, ten, ["A-win"] * 5 + ["B-win"] * 2, FULL_TIME)
    report(match, ten[7], "invalid", now=FULL_TIME + timedelta(seconds=100))  # an eighth does not prolong it
    matches_advance(now=FULL_TIME + GRACE)
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
    assert stored(match).deadline == FULL_TIME + GRACE


@pytest.mark.parametrize(
    ("results", "result"),
    [([], "invalid"), (["B-win"], "B-win"), (["B-win", "A-win"], "invalid"), (["A-win"] * 3 + ["B-win"] * 2, "A-win")],
)
def test_below_seven_reports_forty_minutes_decide(match, ten, results, result):
    report_all(match, ten, results, FULL_TIME)
    matches_advance(now=NOON + timedelta(minutes=40) - timedelta(seconds=1))
    assert stored(match).status == Status.MATCHED
    matches_advance(now=NOON + timedelta(minutes=40))
    assert (stored(match).status, stored(match).result) == (Status.DONE, result)


def test_who_never_reports_is_free_once_the_match_is_done(match, ten):
    matches_advance(now=NOON + timedelta(minutes=40))
    for user in ten:
        assert entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=NOON + timedelta(minutes=41))[1]


def test_a_report_after_the_time_but_before_the_decision_still_counts(match, ten):
    report(match, ten[0], "A-win", now=NOON + timedelta(minutes=40, seconds=1))
    assert (stored(match).status, stored(match).result) == (Status.DONE, "A-win")
