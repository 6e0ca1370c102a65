"""Seasons: opened and closed once, with final ranks, badges and a soft reset; no joining between them."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from matches.models import Match, Season, SeasonRank
from matches.services import match_close, match_create, matchmaking_round, season_close, season_open, seasons_advance
from queue_app.models import Entry
from queue_app.services import entry_create, entry_delete
from tests.matches.conftest import FIRST_WIN, NOON, UNKNOWN, proposal_of
from users.errors import Conflict, Forbidden, Invalid
from users.models import OwnedBadge, User
from users.roles import MIDDLE, ROLES, TANK

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def opened(name="one", now=NOON, **fields) -> Season:
    return season_open(season=Season(name=name, **fields), now=now)


def play(users, now, result="A-win") -> Match:
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    match = match_create(proposal=proposal_of(users), now=now)
    match_close(match_id=match.match_id, result=result, now=now)
    return match


def code(refusal) -> str:
    return refusal.value.get_codes()


class TestOpening:
    def test_a_season_begins_now(self):
        season = opened()
        assert (season.state, season.starts_at, season.ends_at) == ("open", NOON, None)

    def test_a_planned_one_begins_when_it_is_opened(self):
        later = Season.objects.create(name="later", starts_at=NOON + DAY)
        assert season_open(season=later, now=NOON).starts_at == NOON
        season_close(season=later, now=NOON + DAY)
        earlier = Season.objects.create(name="due", starts_at=NOON + 2 * DAY)
        assert season_open(season=earlier, now=NOON + 3 * DAY).starts_at == NOON + 3 * DAY

    def test_one_that_opens_late_has_no_match_of_the_one_before(self, make_user):
        first = opened()
        second = Season.objects.create(name="two", starts_at=NOON + DAY)
        play([make_user() for _ in range(10)], NOON + 2 * DAY)  # when the second was to run, but did not yet
        season_close(season=first, now=NOON + 3 * DAY)
        assert seasons_advance(now=NOON + 4 * DAY) == 1
        season_close(season=Season.objects.get(pk=second.pk), now=NOON + 5 * DAY)
        assert (first.ranks.count(), second.ranks.count()) == (10, 0)

    def test_once(self):
        season = opened()
        assert season_open(season=season, now=NOON + DAY).starts_at == NOON

    def test_one_at_a_time(self):
        opened()
        with pytest.raises(Conflict) as refusal:
            opened("two")
        assert code(refusal) == "season_open"
        assert Season.objects.count() == 1

    def test_what_is_over_does_not_begin_again(self):
        season = opened()
        season_close(season=season, now=NOON + DAY)
        with pytest.raises(Conflict) as refusal:
            season_open(season=season, now=NOON + 2 * DAY)
        assert code(refusal) == "season_closed"
        with pytest.raises(Conflict):
            opened("past", ends_at=NOON - DAY)

    def test_it_has_a_name(self):
        with pytest.raises(Invalid):
            opened("")

    def test_the_first_leaves_ratings_alone(self, make_user):
        make_user("Ann", rate=1700)
        opened()
        assert User.objects.get().rate == 1700

    def test_later_ones_draw_them_half_way_to_the_start(self, make_user):
        users = [make_user(rate=rate, max_rate=max(rate, 1450)) for rate in (1700, 1500, 1401, 1500 - 401)]
        season_close(season=opened(), now=NOON + DAY)
        assert [user.rate for user in User.objects.order_by("-rate")] == [1700, 1500, 1401, 1099]
        opened("two", now=NOON + 2 * DAY)
        assert [User.objects.get(pk=user.pk).rate for user in users] == [1600, 1500, 1451, 1300]
        assert [User.objects.get(pk=user.pk).max_rate for user in users] == [1700, 1500, 1451, 1450]


class TestClosing:
    def test_final_ranks_of_those_who_played(self, make_user):
        season = opened()
        ten = [make_user(f"p{number}", rate=1500 + number) for number in range(10)]
        make_user("idle", rate=2000, match_count=30)
        play(ten, NOON + timedelta(hours=1))
        play(ten, NOON + timedelta(hours=2), "invalid")
        play(ten, NOON + timedelta(hours=3))
        User.objects.filter(pk=ten[4].pk).update(rate=User.objects.get(pk=ten[3].pk).rate)
        assert season_close(season=season, now=NOON + DAY).state == "closed"
        ranks = list(SeasonRank.objects.order_by("rank", "user_id"))
        assert len(ranks) == 10
        assert [rank.rank for rank in ranks[:5]] == [1, 1, 3, 4, 5]
        assert {rank.user_id for rank in ranks[:2]} == {ten[3].user_id, ten[4].user_id}
        best = SeasonRank.objects.get(user=ten[3])
        assert (best.match_count, best.win_count, best.trainer_name) == (2, 2, "p3")
        assert best.rate == User.objects.get(pk=ten[3].pk).rate
        assert SeasonRank.objects.get(user=ten[9]).win_count == 0

    def test_those_shut_out_and_matches_of_other_times_do_not_count(self, ten):
        play(ten, NOON - DAY)
        season = opened()
        play(ten, NOON + timedelta(hours=1))
        User.objects.filter(pk=ten[0].pk).update(banned_at=NOON)
        season_close(season=season, now=NOON + DAY)
        assert {rank.match_count for rank in SeasonRank.objects.all()} == {1}
        assert not SeasonRank.objects.filter(user=ten[0]).exists()

    def test_it_ends_at_once_and_closes_when_the_last_match_is_done(self, match, ten, make_user):
        season = opened()
        waiting = make_user()
        entry_create(user_id=waiting.user_id, selected_roles=[TANK, MIDDLE], now=NOON)
        ended = season_close(season=season, now=NOON + timedelta(minutes=5))
        assert (ended.state, ended.ends_at) == ("open", NOON + timedelta(minutes=5))
        assert not Entry.objects.exists()
        with pytest.raises(Forbidden):
            entry_create(user_id=waiting.user_id, selected_roles=[TANK, MIDDLE], now=NOON + timedelta(minutes=6))
        assert seasons_advance(now=NOON + timedelta(minutes=7)) == 0
        match_close(match_id=match.match_id, result="A-win", now=NOON + timedelta(minutes=20))
        assert seasons_advance(now=NOON + timedelta(minutes=21)) == 1
        season.refresh_from_db()
        assert (season.state, season.ends_at, season.ranks.count()) == ("closed", NOON + timedelta(minutes=5), 10)

    def test_once(self, ten):
        season = opened()
        play(ten, NOON)
        season_close(season=season, now=NOON + DAY)
        again = season_close(season=season, now=NOON + 2 * DAY)
        assert (again.ends_at, SeasonRank.objects.count()) == (NOON + DAY, 10)

    def test_in_the_moment_of_its_opening(self):
        season = season_close(season=opened(), now=NOON)
        assert season.state == "closed"
        assert season.ends_at > season.starts_at

    def test_not_before_it_was_opened(self):
        with pytest.raises(Conflict) as refusal:
            season_close(season=Season.objects.create(name="planned", starts_at=NOON), now=NOON)
        assert code(refusal) == "season_planned"


class TestBadges:
    def test_for_the_rank_and_for_many_matches(self, ten, monkeypatch):
        monkeypatch.setattr("matches.services.seasons.MATCH_BADGES", ((2, "2-matches", "2試合", "flag"),))
        season = opened("春")
        play(ten, NOON)
        play(ten, NOON)
        User.objects.filter(pk=ten[2].pk).update(rate=1900, max_rate=1900)
        season_close(season=season, now=NOON + DAY)
        of = {user.user_id: set() for user in ten}
        prefix = f"season-{season.pk}-"
        for owned in OwnedBadge.objects.filter(badge__badge_id__startswith=prefix):
            of[owned.user_id].add(owned.badge_id)
        assert of[ten[2].user_id] == {prefix + "1st", prefix + "2-matches"}
        assert of[ten[3].user_id] == {prefix + "top-10", prefix + "2-matches"}
        badge = OwnedBadge.objects.filter(badge_id=prefix + "1st").get().badge
        assert (badge.name, badge.look["icon"]) == ("春 優勝", "crown")

    def test_those_who_have_them_keep_them_as_they_are(self, ten):
        season = opened()
        play(ten, NOON)
        season_close(season=season, now=NOON + DAY)
        before = list(OwnedBadge.objects.values())
        Season.objects.update(state="open")
        SeasonRank.objects.all().delete()
        season_close(season=season, now=NOON + 2 * DAY)
        assert list(OwnedBadge.objects.values()) == before != []


class TestBetweenSeasons:
    def test_without_any_season_play_is_always_on(self, make_user):
        assert entry_create(user_id=make_user().user_id, selected_roles=[TANK, MIDDLE], now=NOON)[1]

    def test_nobody_joins_outside(self, make_user):
        user = make_user()
        join = {"user_id": user.user_id, "selected_roles": [TANK, MIDDLE]}
        season = Season.objects.create(name="planned", starts_at=NOON, ends_at=NOON + DAY)
        with pytest.raises(Forbidden) as refusal:
            entry_create(**join, now=NOON - DAY)
        assert code(refusal) == "no_season"
        season_open(season=season, now=NOON)
        assert entry_create(**join, now=NOON)[1]
        assert entry_create(**join, now=NOON + DAY)[1] is False  # who waits may choose other roles
        assert entry_delete(user_id=user.user_id)
        with pytest.raises(Forbidden):
            entry_create(**join, now=NOON + DAY)

    def test_nobody_is_matched_or_goes_on_waiting_when_it_has_ended(self, ten):
        opened(ends_at=NOON + DAY)
        assert matchmaking_round(now=NOON + DAY) == []
        assert not Entry.objects.exists()

    def test_planned_seasons_open_and_close_by_the_clock(self, ten):
        one = Season.objects.create(name="one", starts_at=NOON, ends_at=NOON + DAY)
        two = Season.objects.create(name="two", starts_at=NOON + DAY)
        Season.objects.create(name="missed", starts_at=NOON - 2 * DAY, ends_at=NOON - DAY)
        assert seasons_advance(now=NOON - timedelta(seconds=1)) == 0
        assert seasons_advance(now=NOON) == 1
        play(ten, NOON + timedelta(hours=1))
        assert seasons_advance(now=NOON + timedelta(hours=2)) == 0
        assert seasons_advance(now=NOON + DAY) == 2
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.state, two.state, one.ranks.count()) == ("closed", "open", 10)
        assert User.objects.get(pk=ten[0].pk).rate == 1500 + FIRST_WIN // 2


class TestCommand:
    def test_open_and_close(self, capsys):
        call_command("season", "open", "Spring", "--until", "2999-01-01T00:00:00+09:00")
        season = Season.objects.get()
        assert (season.state, season.ends_at.year) == ("open", 2998)
        call_command("season", "close")
        season.refresh_from_db()
        assert season.state == "closed"
        assert "closed" in capsys.readouterr().out

    def test_a_planned_one_is_opened_by_its_name(self):
        Season.objects.create(name="Spring", starts_at=timezone.now() + DAY)
        call_command("season", "open", "Spring")
        assert Season.objects.get().state == "open"

    def test_it_tells_of_matches_that_are_still_open(self, match, capsys):
        opened(now=timezone.now())
        call_command("season", "close")
        assert "the last match" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "arguments", [["close"], ["open", ""], ["open", "x", "--until", "tomorrow"], ["open", "x" * 61]]
    )
    def test_what_cannot_be_is_told(self, arguments):
        with pytest.raises(CommandError):
            call_command("season", *arguments)

    def test_a_second_one_is_refused(self):
        opened()
        with pytest.raises(CommandError, match="Close it first"):
            call_command("season", "open", "two")


def test_over_rest(api, ten):
    season = opened(now=timezone.now() - DAY)
    Season.objects.create(name="secret", starts_at=timezone.now() + DAY)
    play(ten, timezone.now())
    assert api().get("/api/seasons/active").json()["id"] == season.pk
    assert [row["name"] for row in api().get("/api/seasons").json()["results"]] == ["one"]
    assert api().get(f"/api/seasons/{season.pk}/ranks").json()["results"] == []
    season_close(season=season)
    assert api().get("/api/seasons/active").json() is None
    first = api().get(f"/api/seasons/{season.pk}/ranks").json()["results"][0]
    assert first.keys() == {"rank", "user_id", "trainer_name", "rate", "match_count", "win_count"}
    assert first["rank"] == 1
    for wrong in (season.pk + 100, UNKNOWN):
        assert api().get(f"/api/seasons/{wrong}/ranks").status_code == 404
    refusal = api(ten[0]).post("/api/queue/join", {"selected_roles": [TANK, MIDDLE]})
    assert (refusal.status_code, refusal.json()["errors"][0]["code"]) == (403, "no_season")
