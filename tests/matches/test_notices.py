"""Whatever is done to players by others, or by the clock, they are told: what, when, and what comes of it."""

from datetime import timedelta

import pytest

from matches.models import Season
from matches.services import (
    match_close,
    match_decide,
    match_mark_missing,
    match_replace_player,
    match_report,
    match_set_lobby,
    match_void,
    matches_advance,
    matchmaking_round,
    season_close,
    season_open,
)
from queue_app.services import entries_drop_shut_out, entry_create, entry_remove
from tests.matches.conftest import NOON
from tests.oracle import notice_of
from users.models import User
from users.roles import ROLES
from users.services import account_delete, penalties_prune, penalty_give, penalty_lift, user_ban
from users.times import rfc3339

pytestmark = pytest.mark.django_db


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


def of(user) -> dict:
    """The notice without its time, which must be there."""
    notice = dict(notice_of(user))
    assert notice.pop("at")
    return notice


def void(match, why: str, *, requeued: bool = False, at_fault: bool = False) -> dict:
    return {
        "code": "match_void",
        "match_id": match.match_id,
        "why": why,
        "requeued": requeued,
        "at_fault": at_fault,
    }


def lobby(match, now=None) -> None:
    match.refresh_from_db()
    match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=now or later(10))


def test_nobody_has_one_before_anything_has_happened(match, ten):
    assert [notice_of(user) for user in ten] == [None] * 10


class TestVoid:
    def test_no_lobby(self, match, ten):
        matches_advance(now=later(150))
        matches_advance(now=later(300))
        late = [user for user in ten if of(user)["at_fault"]]
        assert len(late) == 2
        for user in ten:
            at_fault = user in late
            assert of(user) == void(match, "no_lobby", requeued=not at_fault, at_fault=at_fault)
            assert notice_of(user)["at"] == rfc3339(later(300))

    def test_absent(self, match, ten):
        lobby(match)
        for user in ten[:5]:
            match_mark_missing(
                match_id=match.match_id, user_id=user.user_id, missing_user_id=ten[9].user_id, now=later(60)
            )
        assert of(ten[9]) == void(match, "absent", at_fault=True)
        assert of(ten[0]) == void(match, "absent", requeued=True)

    @pytest.mark.parametrize("put_back", [True, False])
    def test_by_staff(self, match, ten, put_back):
        penalty_give(user=ten[3], points=6, reason="x", now=later(1))
        match_void(match_id=match.match_id, put_back=put_back, now=later(60))
        assert of(ten[0]) == void(match, "staff", requeued=put_back)
        assert of(ten[3]) == void(match, "staff")

    def test_closed_by_staff(self, match, ten):
        match_close(match_id=match.match_id, result="invalid", now=later(60))
        assert of(ten[0]) == void(match, "staff")

    def test_by_the_players(self, match, ten):
        for user in ten[:5]:
            match_report(
                match_id=match.match_id, user_id=user.user_id, result="invalid", reason="cannot_enter", now=later(60)
            )
        assert [of(user) for user in ten] == [void(match, "players")] * 10

    def test_a_match_that_was_won_is_no_news_of_this_kind(self, match, ten):
        match_close(match_id=match.match_id, result="A-win", now=later(60))
        match_decide(match_id=match.match_id, now=later(61))
        assert [notice_of(user) for user in ten] == [None] * 10


class TestQueue:
    @pytest.fixture
    def waiting(self, make_user):
        user = make_user()
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
        return user

    def test_removed_by_staff(self, waiting):
        assert entry_remove(user_id=waiting.user_id, now=later(5))
        assert notice_of(waiting) == {"code": "queue_removed", "at": rfc3339(later(5)), "why": "staff"}

    def test_one_who_does_not_wait_is_not_removed(self, make_user):
        user = make_user()
        assert not entry_remove(user_id=user.user_id, now=NOON)
        assert notice_of(user) is None

    def test_by_a_penalty_it_says_all_of_the_penalty(self, waiting):
        penalty_give(user=waiting, points=2, reason="Left.", until=later(600), now=later(1))
        assert entries_drop_shut_out(now=later(2)) == 1
        assert of(waiting) == {
            "code": "queue_removed",
            "why": "penalty",
            "points": 2,
            "until": rfc3339(later(600)),
            "reason": "Left.",
        }

    def test_by_a_ban(self, waiting):
        user_ban(user=waiting, reason="x", now=later(1))
        entries_drop_shut_out(now=later(2))
        waiting.refresh_from_db()  # a banned account has no stream; over REST it is shown
        assert waiting.notice == {"code": "queue_removed", "at": rfc3339(later(2)), "why": "banned"}

    @pytest.mark.parametrize("by", ["closing", "round"])
    def test_by_the_end_of_a_season(self, waiting, by):
        season = season_open(season=Season(name="one", ends_at=later(100)), now=later(-1))
        if by == "closing":
            season_close(season=season, now=later(100))
        else:
            matchmaking_round(now=later(100))
        assert notice_of(waiting) == {"code": "queue_removed", "at": rfc3339(later(100)), "why": "season_end"}


def test_a_penalty_with_what_staff_wrote_and_its_lifting(make_user):
    user = make_user()
    penalty = penalty_give(user=user, points=2, reason="Left a match.", until=later(60), now=NOON)
    assert notice_of(user) == {
        "code": "penalty", "at": rfc3339(NOON), "points": 2, "until": rfc3339(later(60)), "reason": "Left a match.",
    }  # fmt: skip
    penalty_lift(penalty=penalty, now=later(1))
    assert notice_of(user) == {"code": "penalty_lifted", "at": rfc3339(later(1)), "points": 2}
    penalty_lift(penalty=penalty, now=later(2))
    assert notice_of(user)["at"] == rfc3339(later(1))  # it was lifted once


def test_points_by_reports_have_a_reason_that_a_page_can_put_into_words(match, ten):
    lobby(match)
    for user in ten[:6]:
        match_report(
            match_id=match.match_id,
            user_id=user.user_id,
            result="A-win",
            violations=[ten[9].user_id],
            now=later(60),
        )
    assert of(ten[9]) == {"code": "penalty", "points": 1, "until": rfc3339(later(60 + 30 * 60)), "reason": "reported"}


def test_a_soft_reset_says_of_which_season_and_what_is_shown_since(make_user):
    user = make_user(rate=1700, max_rate=1700, rating_mean=1750)
    gone = make_user(rate=1700, max_rate=1700)
    season_close(season=season_open(season=Season(name="one"), now=NOON), now=later(1))
    assert notice_of(user) is None  # the first season resets nothing
    account_delete(user=gone, now=later(1))
    season_open(season=Season(name="two"), now=later(2))
    rate = User.objects.get(pk=user.pk).rate
    assert rate < 1700
    assert of(user) == {"code": "rating_reset", "season": "two", "rate": rate}
    assert User.objects.get(pk=gone.pk).notice is None


def test_who_has_lost_the_seat(match, ten, make_user):
    match_replace_player(
        match_id=match.match_id, user_id=ten[4].user_id, replacement_user_id=make_user().user_id, now=later(9)
    )
    assert of(ten[4]) == {"code": "seat_replaced", "match_id": match.match_id}
    assert notice_of(ten[5]) is None


def test_over_rest_it_is_as_in_the_stream(match, ten, api):
    match_void(match_id=match.match_id, now=later(60))
    user = User.objects.get(pk=ten[0].pk)
    assert api(user).get("/api/users/me").json()["notice"] == notice_of(user)


def test_it_goes_with_the_account_and_in_time(make_user):
    first, second = make_user(), make_user()
    for user in (first, second):
        penalty_lift(penalty=penalty_give(user=user, points=1, reason="x", now=NOON), now=NOON)
    account_delete(user=first, now=later(1))
    assert User.objects.get(pk=first.pk).notice is None
    penalties_prune(before=NOON)
    assert notice_of(second) is not None
    penalties_prune(before=later(1))
    assert notice_of(second) is None
