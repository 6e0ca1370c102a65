"""Two accounts of one person become one, as if there had never been another."""

from datetime import timedelta

import pytest

from matches.models import Match, MatchEvent, RatingChange, Report, Season, SeasonRank, Seat
from matches.services import (
    match_close,
    match_correct_result,
    match_create,
    match_replace_player,
    match_report,
    match_seen,
    season_open,
    users_merge,
)
from queue_app.services import entry_create
from tests.matches.conftest import NOON, UNKNOWN, proposal_of
from tests.scenes import open_lobby
from users.errors import Conflict, Invalid
from users.models import OwnedBadge, Penalty, User
from users.roles import ROLES
from users.services import badge_define, badge_grant, badges_equip, penalty_give, profile_update

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RATED = ("rate", "max_rate", "last_rate_delta", "rating_mean", "rating_deviation", "match_count", "win_count")


def start(users, now=NOON) -> Match:
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    return match_create(proposal=proposal_of(users), now=now)


def play(users, now=NOON, result="A-win") -> Match:
    return match_close(match_id=start(users, now).match_id, result=result, now=now)


def merge(keep, duplicate) -> None:
    users_merge(keep_user_id=keep.pk, duplicate_user_id=duplicate.pk, now=NOON)
    for user in (keep, duplicate):
        user.refresh_from_db()


def rated(users) -> list[tuple]:
    rows = User.objects.in_bulk([user.pk for user in users])
    return [tuple(getattr(rows[user.pk], column) for column in RATED) for user in users]


def history(first, second, others, seasons) -> list[Match]:
    """What one person plays with one account or two, a season opened between."""
    played = [
        play([first, *others[:9]], NOON, "A-win"),
        play([second, *others[9:18]], NOON + HOUR, "B-win"),
    ]
    season_open(season=Season(name=f"season {seasons}"), now=NOON + 2 * HOUR)
    return [
        *played,
        play([second, *others[3:12]], NOON + 3 * HOUR, "A-win"),
        play([first, *others[6:15]], NOON + 4 * HOUR, "A-win"),
        play([second, *others[:9]], NOON + 5 * HOUR, "invalid"),
    ]


@pytest.mark.parametrize("kept", [0, 1])
def test_ratings_are_those_of_one_person_who_has_played_all(make_user, kept):
    one, others = make_user("one"), [make_user() for _ in range(18)]
    history(one, one, others, "one")
    expected = rated([one, *others])
    Season.objects.all().delete()
    first, second, again = make_user("first"), make_user("second"), [make_user() for _ in range(18)]
    matches = history(first, second, again, "two")
    keep, duplicate = (first, second) if kept == 0 else (second, first)
    merge(keep, duplicate)
    assert rated([keep, *again]) == expected
    assert RatingChange.objects.filter(user=duplicate).count() == 0
    # And what follows is counted by it as well.
    match_correct_result(match_id=matches[1].match_id, result="A-win")
    assert User.objects.get(pk=keep.pk).win_count == expected[0][-1] + 1


def test_matches_reports_and_ranks_are_moved(make_user):
    keep, duplicate, *others = [make_user() for _ in range(11)]
    match = start([duplicate, *others])
    open_lobby(match)
    match_report(match_id=match.pk, user_id=duplicate.pk, result="A-win", now=NOON)
    match_report(match_id=match.pk, user_id=others[0].pk, result="A-win", violations=[duplicate.pk], now=NOON)
    MatchEvent.objects.update(user=duplicate)
    Match.objects.filter(pk=match.pk).update(host=duplicate)
    match_close(match_id=match.pk, result="A-win", now=NOON)
    both, only = (Season.objects.create(name=name, starts_at=NOON) for name in ("both", "only"))
    for season, user, rank in ((both, keep, 3), (both, duplicate, 1), (only, duplicate, 2)):
        fields = {"rate": 1500, "match_count": 1, "win_count": 1, "trainer_name": "x"}
        SeasonRank.objects.create(season=season, user=user, rank=rank, **fields)
    merge(keep, duplicate)
    assert not Seat.objects.filter(user=duplicate).exists()
    assert Seat.objects.get(user=keep).match == match
    assert Match.objects.get().host == keep
    # More than one, where the first host was one of the two who reported.
    assert set(MatchEvent.objects.filter(kind="host").values_list("user", flat=True)) == {keep.pk}
    assert Report.objects.get(seat__user=others[0]).violations == [keep.pk]
    assert list(SeasonRank.objects.filter(user=keep).order_by("rank").values_list("rank", flat=True)) == [2, 3]
    assert (keep.match_count, keep.win_count) == (1, 1)
    assert (duplicate.match_count, duplicate.win_count) == (0, 0)


def test_penalties_badges_and_blocks_are_moved(make_user):
    keep, duplicate, foe, fan = (make_user(name) for name in ("keep", "duplicate", "foe", "fan"))
    badges = [badge_define(badge_id=name, name=name, earned_by="x", look={}, position=1) for name in ("a", "b")]
    badge_grant(user=keep, badge=badges[0])
    badges_equip(user=keep, badge_ids=["a"])
    for badge in badges:
        badge_grant(user=duplicate, badge=badge)
    badges_equip(user=duplicate, badge_ids=["b", "a"])
    penalty_give(user=duplicate, points=2, reason="x")
    profile_update(user=keep, blocked_user_ids=[duplicate.pk])
    profile_update(user=duplicate, blocked_user_ids=[foe.pk, keep.pk])
    profile_update(user=foe, blocked_user_ids=[duplicate.pk])
    profile_update(user=fan, blocked_user_ids=[duplicate.pk, keep.pk])
    merge(keep, duplicate)
    worn = list(OwnedBadge.objects.order_by("badge").values_list("user", "badge", "place"))
    assert worn == [(keep.pk, "a", 1), (keep.pk, "b", None)]
    assert Penalty.objects.get().user == keep
    blocked = dict(User.objects.values_list("pk", "blocked_user_ids"))
    assert blocked == {keep.pk: [foe.pk], duplicate.pk: [], foe.pk: [keep.pk], fan.pk: [keep.pk]}


def test_the_duplicate_is_shut_out_and_says_why(make_user):
    keep, duplicate = make_user(), make_user()
    merge(keep, duplicate)
    assert duplicate.is_banned
    assert duplicate.ban_reason == f"Merged into {keep.pk}"
    assert not keep.is_banned


def refused(keep, duplicate) -> str:
    with pytest.raises(Conflict) as refusal:
        users_merge(keep_user_id=keep.pk, duplicate_user_id=duplicate.pk)
    return refusal.value.get_codes()


@pytest.mark.parametrize("which", [0, 1])
def test_not_while_either_waits_or_plays(make_user, which):
    users = [make_user() for _ in range(10)]
    pair = [users[0], make_user()]
    if which:
        pair.reverse()
    entry_create(user_id=users[0].pk, selected_roles=list(ROLES), now=NOON)
    assert refused(*pair) == "queued"
    match = start(users)
    assert refused(*pair) == "in_match"
    open_lobby(match)
    match_report(match_id=match.pk, user_id=users[0].pk, result="A-win", now=NOON)
    assert refused(*pair) == "in_match"


def test_not_where_both_have_played_in_one_match(make_user):
    users = [make_user() for _ in range(10)]
    play(users)
    assert refused(users[0], users[9]) == "same_match"


def test_no_account_of_staff_is_given_up(make_user):
    assert refused(make_user(), make_user("staff", is_staff=True)) == "staff"


def test_it_takes_two_accounts(make_user):
    keep = make_user()
    for other in (keep.pk, UNKNOWN, ""):
        with pytest.raises(Invalid):
            users_merge(keep_user_id=keep.pk, duplicate_user_id=other)
    keep.refresh_from_db()
    assert not keep.is_banned


def test_one_account_has_taken_the_seat_of_the_other(make_user):
    ten, keep = [make_user() for _ in range(10)], make_user("keep")
    match = start(ten)
    match_seen(match_id=match.pk, user_id=ten[3].pk, now=NOON)
    match_replace_player(match_id=match.pk, user_id=ten[3].pk, replacement_user_id=keep.pk, now=NOON)
    match_seen(match_id=match.pk, user_id=keep.pk, now=NOON)
    match_close(match_id=match.pk, result="A-win", now=NOON)
    merge(keep, ten[3])
    assert match.events.filter(kind=MatchEvent.Kind.SEEN, user=keep).count() == 1
