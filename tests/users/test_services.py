"""What each service writes, what it refuses, and what it leaves alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import is_password_usable

from users import services
from users.errors import Invalid
from users.models import OwnedBadge, Penalty, User
from users.roles import ROLES
from users.tokens import Claims

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _claims(subject="oauth2|discord|42", **fields) -> Claims:
    return Claims(subject=subject, expires_at=0.0, **fields)


def _code(caught, field: str) -> str:
    return caught.value.error_dict[field][0].code


# --- accounts -----------------------------------------------------------------------------------


def test_an_account_is_made_from_claims():
    user = services.user_from_claims(
        claims=_claims(name=" Mew\n", email="mew@example.com", discord_id="42", discord_username="mew_")
    )
    user.refresh_from_db()
    assert (user.trainer_name, user.email, user.discord_id, user.discord_username) == (
        "Mew",
        "mew@example.com",
        "42",
        "mew_",
    )
    assert user.user_id not in user.subject
    assert not is_password_usable(user.password)
    assert not user.is_staff


def test_the_same_identity_is_the_same_account():
    first = services.user_from_claims(claims=_claims(name="Mew"))
    assert services.user_from_claims(claims=_claims(name="Mew")) == first
    assert User.objects.count() == 1


def test_later_claims_change_nothing():
    user = services.user_from_claims(claims=_claims(name="Mew"))
    services.profile_update(user=user, trainer_name="Mewtwo")
    services.user_from_claims(claims=_claims(name="Mew", email="new@example.com", discord_username="other"))
    user.refresh_from_db()
    assert (user.trainer_name, user.email, user.discord_username) == ("Mewtwo", "", "")


def test_two_identities_with_one_discord_id_are_two_accounts():
    first = services.user_from_claims(claims=_claims("a|1", discord_id="42"))
    second = services.user_from_claims(claims=_claims("b|2", discord_id="42"))
    assert (first.discord_id, second.discord_id) == ("42", None)
    assert first != second


@pytest.mark.parametrize("name", ["", "\u200b", "\0", "\ud800"])
def test_without_a_name_to_show_there_is_a_plain_one(name):
    assert services.user_from_claims(claims=_claims(name=name)).trainer_name == services.NAMELESS


def test_claims_that_are_too_long_are_cut_or_left_out():
    user = services.user_from_claims(
        claims=_claims(name="x" * 80, email="e" * 300 + "@example.com", discord_username="d\0" * 40)
    )
    user.refresh_from_db()
    assert (len(user.trainer_name), user.email, user.discord_username) == (50, "", "d" * 32)


# --- profiles -----------------------------------------------------------------------------------


def test_a_profile_is_changed_in_what_is_given(make_user):
    user, other = make_user("Ann", bio="before"), make_user("Bob")
    services.profile_update(
        user=user,
        trainer_name=" Anna ",
        preferred_roles=["TANK", "MIDDLE"],
        twitter_id="@anna_1",
        blocked_user_ids=[other.pk],
    )
    user.refresh_from_db()
    assert user.trainer_name == "Anna"
    assert user.bio == "before"
    assert user.preferred_roles == ["TANK", "MIDDLE"]
    assert user.twitter_id == "anna_1"
    assert user.blocked_user_ids == [other.pk]


def test_everything_but_the_name_can_be_emptied(make_user):
    user = make_user(bio="x", preferred_roles=["TANK"], twitter_id="x", blocked_user_ids=["x"])
    services.profile_update(user=user, bio="", preferred_roles=[], twitter_id="", blocked_user_ids=[])
    user.refresh_from_db()
    assert (user.bio, user.preferred_roles, user.twitter_id, user.blocked_user_ids) == ("", [], "", [])


def test_a_bio_keeps_its_lines(make_user):
    assert services.profile_update(user=make_user(), bio="one\r\ntwo").bio == "one\ntwo"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("trainer_name", "", "blank"),
        ("trainer_name", " \u200b ", "blank"),
        ("trainer_name", "x" * 51, "max_length"),
        ("trainer_name", "a\0b", "invalid"),
        ("bio", "x" * 201, "max_length"),
        ("bio", "\0", "invalid"),
        ("bio", "\ud800", "invalid"),
        ("preferred_roles", ["JUNGLE"], "unknown"),
        ("preferred_roles", ["TANK", "TANK"], "duplicate"),
        ("preferred_roles", [*ROLES, "TANK"], "duplicate"),
        ("twitter_id", "a b", "invalid"),
        ("twitter_id", "x" * 16, "invalid"),
        ("twitter_id", "@@x", "invalid"),
        ("twitter_id", "ミュウ", "invalid"),
        ("twitter_id", "a\0", "invalid"),
        ("twitter_id", "abc\n def", "invalid"),
        ("blocked_user_ids", ["nobody"], "unknown"),
        ("blocked_user_ids", ["a" * 16], "unknown"),
        ("blocked_user_ids", ["\0"], "unknown"),
        ("blocked_user_ids", ["x"] * 101, "max_length"),
    ],
)
def test_a_value_that_breaks_the_rules_changes_nothing(make_user, field, value, code):
    user = make_user("Ann", bio="before")
    with pytest.raises(Invalid) as caught:
        services.profile_update(user=user, **{"bio": "after", field: value})
    assert _code(caught, field) == code
    user.refresh_from_db()
    assert (user.trainer_name, user.bio) == ("Ann", "before")


def test_nobody_blocks_themselves_or_anybody_twice(make_user):
    user, other = make_user("Ann"), make_user("Bob")
    with pytest.raises(Invalid) as caught:
        services.profile_update(user=user, blocked_user_ids=[other.pk, user.pk])
    assert _code(caught, "blocked_user_ids") == "invalid"
    with pytest.raises(Invalid) as caught:
        services.profile_update(user=user, blocked_user_ids=[other.pk, other.pk])
    assert _code(caught, "blocked_user_ids") == "duplicate"


def test_a_hundred_players_can_be_blocked(make_user):
    user = make_user()
    ids = [made.pk for made in User.objects.bulk_create(User(subject=f"s{n}", trainer_name="x") for n in range(100))]
    assert services.profile_update(user=user, blocked_user_ids=ids).blocked_user_ids == ids


def test_discord_is_set_and_removed(make_user):
    user = make_user()
    url = "https://cdn.discordapp.com/avatars/1/a.png?size=64"
    services.discord_update(user=user, discord_username="ann.", discord_avatar_url=url)
    user.refresh_from_db()
    assert (user.discord_username, user.discord_avatar_url) == ("ann.", url)
    services.discord_update(user=user, discord_username="", discord_avatar_url="")
    user.refresh_from_db()
    assert (user.discord_username, user.discord_avatar_url) == ("", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "//cdn.discordapp.com/a.png",
        "https://",
        "https://cdn.discordapp.com/a b.png",
        "https://cdn.discordapp.com/" + "a" * 200,
        "https://x\0y",
    ],
)
def test_an_avatar_is_an_https_address(make_user, url):
    with pytest.raises(Invalid) as caught:
        services.discord_update(user=make_user(), discord_username="x", discord_avatar_url=url)
    assert "discord_avatar_url" in caught.value.error_dict


STALE_WRITES = {
    "profile": lambda user: services.profile_update(user=user, trainer_name="Anna", bio="x"),
    "discord": lambda user: services.discord_update(user=user, discord_username="x", discord_avatar_url=""),
    "ban": lambda user: services.user_ban(user=user, reason="x"),
    "unban": lambda user: services.user_unban(user=user),
}


@pytest.mark.parametrize("write", STALE_WRITES.values(), ids=STALE_WRITES)
def test_a_save_of_an_old_copy_does_not_undo_a_rating(make_user, write):
    old_copy = make_user("Ann")
    User.objects.filter(pk=old_copy.pk).update(rate=1516, max_rate=1516, last_rate_delta=16, match_count=1, win_count=1)
    write(old_copy)
    new = User.objects.get(pk=old_copy.pk)
    assert (new.rate, new.max_rate, new.last_rate_delta, new.match_count, new.win_count) == (1516, 1516, 16, 1, 1)


# --- bans ---------------------------------------------------------------------------------------


def test_a_ban_shuts_out_and_takes_staff_rights(make_user):
    user = make_user(is_staff=True, is_superuser=True)
    services.user_ban(user=user, reason="cheating", now=NOW)
    user.refresh_from_db()
    assert user.is_banned
    assert (user.banned_at, user.ban_reason, user.is_staff, user.is_superuser) == (NOW, "cheating", False, False)


def test_a_second_ban_keeps_the_first_time(make_user):
    user = make_user()
    services.user_ban(user=user, reason="one", now=NOW)
    services.user_ban(user=User.objects.get(pk=user.pk), reason="two", now=NOW + timedelta(days=1))
    user.refresh_from_db()
    assert (user.banned_at, user.ban_reason) == (NOW, "two")


def test_an_unban_lets_in_again(make_user):
    user = make_user()
    services.user_ban(user=user, reason="x", now=NOW)
    services.user_unban(user=user)
    services.user_unban(user=user)
    user.refresh_from_db()
    assert not user.is_banned
    assert user.ban_reason == ""


# --- badges -------------------------------------------------------------------------------------


def test_a_badge_is_granted_once(make_user, make_badges):
    user, (badge,) = make_user(), make_badges("a")
    first = services.badge_grant(user=user, badge=badge, now=NOW)
    again = services.badge_grant(user=user, badge=badge, now=NOW + timedelta(days=1))
    assert again == first
    assert OwnedBadge.objects.get().earned_at == NOW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], ["a"]),
        (["a"], []),
        (["a", "b"], ["b", "a"]),
        (["a", "b"], ["b"]),
        (["a"], ["b", "a"]),
        (["a", "b"], ["c", "b"]),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_badges_are_worn_in_the_order_given(make_user, make_badges, before, after):
    user = make_user()
    for badge in make_badges("a", "b", "c"):
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=before)
    assert services.badges_equip(user=user, badge_ids=after) == after
    worn = OwnedBadge.objects.filter(user=user, place__isnull=False).order_by("place")
    assert [badge.badge_id for badge in worn] == after
    assert [badge.place for badge in worn] == [1, 2][: len(after)]


@pytest.mark.parametrize(
    ("badge_ids", "code"),
    [
        (["a", "a"], "duplicate"),
        (["a", "c"], "unknown"),
        (["nothing"], "unknown"),
        (["\0"], "unknown"),
        (["a", "b", "a"], "max_length"),
    ],
)
def test_only_two_different_owned_badges_can_be_worn(make_user, make_badges, badge_ids, code):
    user, badges = make_user(), make_badges("a", "b", "c")
    for badge in badges[:2]:
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=["b"])
    with pytest.raises(Invalid) as caught:
        services.badges_equip(user=user, badge_ids=badge_ids)
    assert _code(caught, "badges") == code
    assert OwnedBadge.objects.get(place=1).badge_id == "b"


# --- penalties ----------------------------------------------------------------------------------


def test_a_penalty_is_given_and_lifted(make_user):
    until = NOW + timedelta(hours=1)
    penalty = services.penalty_give(user=make_user(), points=2, reason=" left ", until=until, now=NOW)
    penalty.refresh_from_db()
    assert (penalty.points, penalty.reason, penalty.until, penalty.given_at) == (2, "left", until, NOW)
    services.penalty_lift(penalty=penalty, now=until)
    services.penalty_lift(penalty=Penalty.objects.get(), now=until + timedelta(days=1))
    assert Penalty.objects.get().lifted_at == until


@pytest.mark.parametrize(
    ("fields", "attr"),
    [({"points": 0}, "points"), ({"points": 101}, "points"), ({"reason": " "}, "reason"), ({"reason": "\0"}, "reason")],
)
def test_a_penalty_has_points_and_a_reason(make_user, fields, attr):
    with pytest.raises(Invalid) as caught:
        services.penalty_give(**{"user": make_user(), "points": 1, "reason": "x", **fields})
    assert attr in caught.value.error_dict
    assert not Penalty.objects.exists()
