"""The journal of ratings: one line a match and player, and a season's opening among them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from matches.models import RatingChange, Season
from matches.rating import SYSTEM
from matches.selectors import LONGEST_CURVE
from matches.services import match_close, match_create, season_close, season_open
from queue_app.services import entry_create
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, UNKNOWN, proposal_of
from users.models import User
from users.roles import ROLES

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def play(users, now, result="A-win"):
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    match = match_create(proposal=proposal_of(users), now=now)
    return match_close(match_id=match.match_id, result=result, now=now)


def test_a_line_says_what_was_and_what_came_of_it(ten):
    match = play(ten, NOON)
    assert match.rating_changes.count() == 10
    line = RatingChange.objects.get(user=ten[0])
    user = User.objects.get(pk=ten[0].pk)
    assert (line.system, line.version, line.made_at) == (SYSTEM.name, SYSTEM.version, NOON)
    assert (line.matches_before, line.mean_before, line.deviation_before) == (0, 1500, 250)
    assert (line.rate_before, line.max_rate_before, line.rate_after) == (1500, 1500, 1500 + FIRST_WIN)
    assert (line.mean_after, line.deviation_after) == (user.rating_mean, user.rating_deviation)


def test_each_line_goes_on_where_the_last_ended(ten):
    for minute, result in enumerate(("A-win", "invalid", "B-win")):
        play(ten, NOON + timedelta(minutes=minute), result)
    first, second, third = RatingChange.objects.filter(user=ten[3])
    assert (second.rate_before, second.mean_before) == (first.rate_after, first.mean_after)
    assert (second.rate_after, second.mean_after, second.matches_before) == (first.rate_after, first.mean_after, 1)
    assert (third.deviation_before, third.matches_before) == (second.deviation_after, 1)


def test_there_is_one_line_a_match_and_player(ten):
    match = play(ten, NOON)
    line = match.rating_changes.first()
    line.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()
    line.match = None
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()


def test_the_opening_of_a_season_has_lines_of_all_who_have_played(ten, make_user):
    make_user("idle")
    season = season_open(season=Season(name="one"), now=NOON - DAY)
    play(ten, NOON)
    season_close(season=season, now=NOON + DAY)
    two = season_open(season=Season(name="two"), now=NOON + 2 * DAY)
    lines = RatingChange.objects.filter(season=two)
    assert {line.user_id for line in lines} == {user.user_id for user in ten}
    for line in lines:
        user = User.objects.get(pk=line.user_id)
        assert line.rate_after == user.rate == 1500 + int((line.rate_before - 1500) / 2)
        assert line.mean_after == user.rating_mean == 1500 + (line.mean_before - 1500) / 2
        assert line.deviation_after == user.rating_deviation == (line.deviation_before + 250) / 2


class TestCurve:
    def test_it_leads_from_the_start_through_every_match_that_counted(self, ten, api):
        season = season_open(season=Season(name="one"), now=NOON - DAY)
        won = play(ten, NOON)
        play(ten, NOON + timedelta(hours=1), "invalid")
        season_close(season=season, now=NOON + DAY)
        season_open(season=Season(name="two"), now=NOON + 2 * DAY)
        assert api().get(f"/api/users/{ten[0].user_id}/rating-curve").json() == {
            "start": 1500,
            "points": [
                {"at": "2026-01-01T12:00:00Z", "rate": 1500 + FIRST_WIN, "match_id": won.match_id},
                {"at": "2026-01-03T12:00:00Z", "rate": 1500 + FIRST_WIN // 2, "match_id": None},
            ],
        }

    def test_who_has_not_played_has_a_start_alone(self, make_user, api):
        user = make_user(rate=1512)
        assert api().get(f"/api/users/{user.user_id}/rating-curve").json() == {"start": 1512, "points": []}

    def test_it_is_bounded_to_the_latest(self, ten, api):
        match = play(ten, NOON)
        line = match.rating_changes.get(user=ten[9])
        assert line.rate_after == 1500 + FIRST_LOSS
        for number in range(LONGEST_CURVE):
            line.pk, line.match = None, None
            line.season = Season.objects.create(name=f"s{number}", starts_at=NOON)
            line.rate_before, line.rate_after = line.rate_after, number
            line.save()
        curve = api().get(f"/api/users/{ten[9].user_id}/rating-curve").json()
        assert curve["start"] == 1500 + FIRST_LOSS
        assert [point["rate"] for point in curve["points"]] == list(range(LONGEST_CURVE))

    @pytest.mark.parametrize("user_id", [UNKNOWN, "x", "%00", "a" * 500])
    def test_no_such_player(self, api, db, user_id):
        assert api().get(f"/api/users/{user_id}/rating-curve").status_code == 404
