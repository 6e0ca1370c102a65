"""Points for misconduct: given when a match closes, worked off by play, kept with their reasons."""

from datetime import timedelta

import pytest

from matches.models import Match, Report, Seat
from matches.services import match_close, match_create, match_report
from queue_app.services import entry_create
from tests.matches.conftest import NOON, proposal_of
from tests.scenes import open_lobby
from users.errors import Conflict, Forbidden, Invalid
from users.models import Penalty, User
from users.roles import ROLES
from users.selectors import penalty_points
from users.services import penalty_give, penalty_lift

pytestmark = pytest.mark.django_db
END = NOON + timedelta(minutes=20)


@pytest.fixture
def match(match) -> Match:
    """With a lobby, so that a winner can be reported."""
    return open_lobby(match)


def name(match, reporters, named, now=END) -> None:
    for number, user in enumerate(reporters):
        match_report(
            match_id=match.match_id,
            user_id=user.user_id,
            result=("A-win", "B-win")[number % 2],
            violations=[named.user_id],
            now=now,
        )


def report(match, user, named, result="A-win", now=END):
    return match_report(match_id=match.match_id, user_id=user.user_id, result=result, violations=named, now=now)


def play(users, now) -> Match:
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    match = match_create(proposal=proposal_of(users), now=now)
    match_close(match_id=match.match_id, result="A-win", now=now)
    return match


def play_often(user, times, start, step=timedelta(minutes=1), result="A-win") -> None:
    """Finished matches of this player, as rows."""
    for number in range(times):
        at = start + number * step
        match = Match.objects.create(status="done", phase="done", result=result, matched_at=at, closed_at=at)
        Seat.objects.create(
            match=match,
            user=user,
            team="A",
            role="TANK",
            selected_roles=[],
            queued_at=at,
            rate_before=1500,
            is_open=False,
        )


def test_nothing_is_given_before_the_match_is_closed(match, ten):
    name(match, ten[1:5], ten[0])
    assert not Penalty.objects.exists()
    match_close(match_id=match.match_id, result="A-win", now=END)
    penalty = Penalty.objects.get()
    assert (penalty.user, penalty.points, penalty.source) == (ten[0], 1, match.match_id)
    assert (penalty.given_at, penalty.until) == (END, END + timedelta(minutes=30))
    assert match.match_id in penalty.reason


def test_a_few_who_do_not_get_on_are_not_enough(match, ten):
    name(match, [*ten[1:4], ten[5]], ten[0])
    match_close(match_id=match.match_id, result="A-win", now=END)
    assert not Penalty.objects.exists()


def test_each_further_point_keeps_out_longer(match, ten):
    penalty_give(user=ten[0], points=2, reason="earlier", now=NOON)
    name(match, ten[1:5], ten[0])
    match_close(match_id=match.match_id, result="invalid", now=END)
    assert Penalty.objects.get(source=match.match_id).until == END + timedelta(minutes=90)
    assert penalty_points(ten[0].user_id) == 3


def test_the_player_is_kept_out_for_that_long_and_no_longer(match, ten):
    name(match, ten[1:5], ten[0])
    match_close(match_id=match.match_id, result="A-win", now=END)
    join = {"user_id": ten[0].user_id, "selected_roles": list(ROLES)}
    with pytest.raises(Forbidden) as refusal:
        entry_create(**join, now=END + timedelta(minutes=29))
    assert refusal.value.get_codes() == "penalty"
    assert entry_create(**join, now=END + timedelta(minutes=30))[1]


def test_with_six_points_a_player_is_barred_until_staff_lift_one(make_user):
    user = make_user()
    given = [penalty_give(user=user, points=points, reason="test", now=NOON) for points in (3, 2)]
    join = {"user_id": user.user_id, "selected_roles": list(ROLES), "now": NOON + timedelta(days=365)}
    assert entry_create(**join)[1]
    given.append(penalty_give(user=user, points=1, reason="test", now=NOON))
    with pytest.raises(Forbidden) as refusal:
        entry_create(**join)
    assert refusal.value.get_codes() == "penalty"
    penalty_lift(penalty=given[2])
    assert entry_create(**join)[1] is False


class TestLateReports:
    """Six equal reports close a match, so that most players would not be heard about misconduct."""

    def close(self, match, ten) -> None:
        for number, user in enumerate(ten[1:7]):
            named = [ten[0].user_id] if number < 3 else []
            report(match, user, named)
        assert Match.objects.get().result == "A-win"
        assert not Penalty.objects.exists()

    def test_who_has_not_reported_may_name_misconduct_and_the_result_stays(self, match, ten):
        self.close(match, ten)
        rates = list(User.objects.order_by("pk").values_list("rate", flat=True))
        for user in ten[7:9]:
            assert report(match, user, [ten[0].user_id], result="B-win", now=END + timedelta(minutes=5))[1]
        assert not Penalty.objects.exists()
        report(match, ten[9], [ten[0].user_id], now=END + timedelta(minutes=5))
        penalty = Penalty.objects.get()
        assert (penalty.user, penalty.given_at) == (ten[0], END + timedelta(minutes=5))
        assert penalty.reason.startswith("Named by 6 players")
        assert Match.objects.get().result == "A-win"
        assert list(User.objects.order_by("pk").values_list("rate", flat=True)) == rates

    def test_a_match_gives_a_player_one_point_however_many_name_them(self, match, ten):
        self.close(match, ten)
        for user in ten[7:]:
            report(match, user, [ten[0].user_id])
        assert Penalty.objects.count() == 1
        report(match, ten[0], [ten[1].user_id])
        assert Penalty.objects.count() == 1

    def test_without_misconduct_a_late_report_is_refused_as_ever(self, match, ten):
        self.close(match, ten)
        with pytest.raises(Conflict) as refusal:
            report(match, ten[7], [])
        assert refusal.value.get_codes() == "match_done"
        assert match.reports.count() == 6

    def test_and_so_is_one_that_is_too_late(self, match, ten):
        self.close(match, ten)
        assert report(match, ten[7], [ten[0].user_id], now=END + timedelta(seconds=599))[1]
        with pytest.raises(Conflict) as refusal:
            report(match, ten[8], [ten[0].user_id], now=END + timedelta(seconds=600))
        assert refusal.value.get_codes() == "match_done"

    def test_what_was_reported_in_time_is_not_added_to(self, match, ten):
        self.close(match, ten)
        assert report(match, ten[6], [ten[0].user_id])[1] is False
        assert Report.objects.get(seat__user=ten[6]).violations == []

    def test_it_names_other_players_of_the_match(self, match, ten, make_user):
        self.close(match, ten)
        for named in (make_user(), ten[7]):
            with pytest.raises(Invalid):
                report(match, ten[7], [named.user_id])
        assert match.reports.count() == 6


class TestWorkingOff:
    def test_the_fiftieth_match_takes_a_point_back(self, ten):
        penalty = penalty_give(user=ten[0], points=2, reason="test", now=NOON)
        play_often(ten[0], 48, NOON + timedelta(minutes=1))
        play(ten, NOON + timedelta(hours=1))
        assert penalty_points(ten[0].user_id) == 2
        play(ten, NOON + timedelta(hours=2))
        penalty.refresh_from_db()
        assert (penalty.worked_off, penalty.worked_off_at, penalty.lifted_at) == (1, NOON + timedelta(hours=2), None)
        assert penalty_points(ten[0].user_id) == 1
        play(ten, NOON + timedelta(hours=3))
        assert penalty_points(ten[0].user_id) == 1

    def test_matches_before_the_penalty_are_not_banked(self, ten):
        play_often(ten[0], 200, NOON - timedelta(days=1))
        penalty_give(user=ten[0], points=1, reason="test", now=NOON)
        play(ten, NOON + timedelta(hours=1))
        assert penalty_points(ten[0].user_id) == 1

    def test_matches_without_a_point_are_not_banked(self, ten):
        penalty_give(user=ten[0], points=1, reason="test", now=NOON)
        play_often(ten[0], 49, NOON + timedelta(minutes=1))
        play(ten, NOON + timedelta(hours=1))
        play_often(ten[0], 100, NOON + timedelta(hours=2))
        assert penalty_points(ten[0].user_id) == 0
        penalty_give(user=ten[0], points=1, reason="again", now=NOON + timedelta(hours=5))
        play(ten, NOON + timedelta(hours=6))
        assert penalty_points(ten[0].user_id) == 1

    def test_invalid_matches_do_not_count(self, ten):
        penalty_give(user=ten[0], points=1, reason="test", now=NOON)
        play_often(ten[0], 60, NOON + timedelta(minutes=1), result="invalid")
        play(ten, NOON + timedelta(hours=2))
        assert penalty_points(ten[0].user_id) == 1

    def test_a_later_penalty_leaves_what_was_played_for_the_earlier(self, ten):
        first = penalty_give(user=ten[0], points=1, reason="first", now=NOON)
        penalty_give(user=ten[0], points=1, reason="second", now=NOON + timedelta(minutes=30))
        play_often(ten[0], 49, NOON + timedelta(minutes=1))
        play(ten, NOON + timedelta(hours=1))
        first.refresh_from_db()
        assert (first.worked_off, penalty_points(ten[0].user_id)) == (1, 1)

    def test_a_lifted_penalty_is_not_worked_off(self, ten):
        penalty_lift(penalty=penalty_give(user=ten[0], points=1, reason="wrong", now=NOON))
        play_often(ten[0], 60, NOON + timedelta(minutes=1))
        play(ten, NOON + timedelta(hours=2))
        assert Penalty.objects.get().worked_off == 0
        assert User.objects.get(pk=ten[0].pk).match_count == 1
