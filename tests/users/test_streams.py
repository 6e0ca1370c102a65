"""The `user` projection: what is in it, for whom there is one, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest

from realtime.publishing import publisher
from realtime.streams import STREAM_TYPES
from users import services
from users.models import User
from users.streams import USER

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _account(user: User) -> dict:
    """This application's part of the projection."""
    return dict(STREAM_TYPES["user"].contributions[0].read([user.pk])[user.pk])


def _document(user: User) -> dict:
    document = publisher.snapshot(USER.stream(user.pk)).document
    assert document is not None
    return document


def test_penalties_are_summed_until_they_are_lifted(make_user):
    user = make_user()
    assert _account(user)["penalty"] is None
    first = services.penalty_give(user=user, points=2, reason="x", until=NOW + timedelta(hours=2))
    second = services.penalty_give(user=user, points=1, reason="x", until=NOW + timedelta(hours=1))
    services.penalty_give(user=user, points=1, reason="x")
    assert _account(user)["penalty"] == {"points": 4, "until": "2026-03-01T14:00:00Z"}
    services.penalty_lift(penalty=first)
    assert _account(user)["penalty"] == {"points": 2, "until": "2026-03-01T13:00:00Z"}
    services.penalty_lift(penalty=second)
    assert _account(user)["penalty"] == {"points": 1, "until": None}


def test_the_share_of_wins_has_three_places(make_user):
    assert _account(make_user())["win_rate"] == 0
    assert _account(make_user(match_count=3, win_count=1))["win_rate"] == 0.333
    assert _account(make_user(match_count=2, win_count=2))["win_rate"] == 1


def test_badges_are_by_earning_and_by_place(make_user, make_badges):
    user = make_user()
    for number, badge in enumerate(make_badges("c", "a", "b")):
        services.badge_grant(user=user, badge=badge, now=NOW + timedelta(hours=number))
    services.badges_equip(user=user, badge_ids=["b", "c"])
    assert _account(user)["badges"] == {"owned": ["c", "a", "b"], "equipped": ["b", "c"]}


def test_private_columns_are_not_projected(make_user):
    user = make_user(email="ann@example.com", discord_id="112233", ban_reason="secret", blocked_user_ids=["b" * 16])
    text = str(_account(user))
    assert not any(secret in text for secret in (user.subject, "ann@example.com", "112233", "secret", "b" * 16))


@pytest.mark.parametrize("shut_out", [{"banned_at": NOW}, {"is_active": False}], ids=["banned", "inactive"])
def test_the_stream_of_an_account_that_is_shut_out_ends_and_comes_back(make_user, shut_out):
    user = make_user()
    first = publisher.snapshot(USER.stream(user.pk))
    User.objects.filter(pk=user.pk).update(**shut_out)
    ended = publisher.snapshot(USER.stream(user.pk))
    assert ended.document is None
    User.objects.filter(pk=user.pk).update(banned_at=None, is_active=True)
    again = publisher.snapshot(USER.stream(user.pk))
    assert (again.document, again.seq) == (first.document, first.seq + 2)


def test_any_number_of_accounts_takes_the_same_queries(make_user, make_badges, django_assert_num_queries):
    (badge,) = make_badges("a")
    users = [make_user() for _ in range(20)]
    for user in users:
        services.badge_grant(user=user, badge=badge)
        services.penalty_give(user=user, points=1, reason="x")
    with django_assert_num_queries(3):
        assert len(STREAM_TYPES["user"].contributions[0].read([user.pk for user in users])) == 20


WRITES = {
    "profile": lambda user, badges: services.profile_update(user=user, trainer_name="Anna"),
    "discord": lambda user, badges: services.discord_update(user=user, discord_username="x", discord_avatar_url=""),
    "grant": lambda user, badges: services.badge_grant(user=user, badge=badges[2]),
    "equip": lambda user, badges: services.badges_equip(user=user, badge_ids=["b", "a"]),
    "take off": lambda user, badges: services.badges_equip(user=user, badge_ids=[]),
    "penalty": lambda user, badges: services.penalty_give(user=user, points=1, reason="x"),
    "lift": lambda user, badges: services.penalty_lift(penalty=user.penalties.get()),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_service_is_published_as_one_change_that_leads_to_a_fresh_projection(make_user, make_badges, write):
    user, badges = make_user("Ann"), make_badges("a", "b", "c")
    for badge in badges[:2]:
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=["a"])
    services.penalty_give(user=user, points=2, reason="x")
    mirror = publisher.snapshot(USER.stream(user.pk))
    publisher.publish_dirty()

    write(user, badges)

    publications, _ = publisher.publish_dirty()
    (publication,) = [found for found in publications if found.stream == USER.stream(user.pk)]
    before = mirror.document
    mirror.take_update(publication.epoch, publication.prev, publication.seq, publication.changes)
    assert mirror.document != before
    assert mirror.document == STREAM_TYPES["user"].project([user.pk])[user.pk] == _document(user)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_service_done_twice_is_published_once(make_user, make_badges, write):
    user, badges = make_user("Ann"), make_badges("a", "b", "c")
    for badge in badges[:2]:
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=["a"])
    services.penalty_give(user=user, points=2, reason="x")
    if write is WRITES["penalty"]:
        return  # two penalties are two
    write(user, badges)
    seq = publisher.snapshot(USER.stream(user.pk)).seq
    write(user, badges)
    assert publisher.snapshot(USER.stream(user.pk)).seq == seq
