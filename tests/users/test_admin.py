"""The admin: staff find accounts and change what is theirs to change, and nothing besides."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.staff.acting import act, form_of
from users import services
from users.models import OwnedBadge, Penalty, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, make_user):
    user = make_user("Staff", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def _page(user: User) -> str:
    return reverse("admin:users_user_change", args=[user.pk])


def test_staff_sign_in_with_a_password(client):
    User.objects.create_superuser("staff", "a long password", trainer_name="Staff")
    assert client.login(username="staff", password="a long password")
    assert client.get(reverse("admin:users_user_changelist")).status_code == 200


def test_players_have_no_password_to_sign_in_with(client, make_user):
    user = make_user()
    for password in ("", "!", user.password):
        assert not client.login(username=user.subject, password=password)


@pytest.mark.parametrize("by", ["trainer_name", "user_id", "discord_username"])
def test_accounts_are_found_by_name_by_public_id_and_by_discord_name(client, staff, make_user, by):
    user, other = make_user("Ann", discord_username="ann#1"), make_user("Bob")
    answer = client.get(reverse("admin:users_user_changelist"), {"q": getattr(user, by)})
    assert user.pk in answer.content.decode()
    assert other.pk not in answer.content.decode()


@pytest.mark.parametrize("model", ["user", "badge", "penalty"])
def test_every_page_opens(client, staff, make_user, make_badges, model):
    user = make_user("Ann")
    (badge,) = make_badges("a")
    services.badge_grant(user=user, badge=badge)
    penalty = services.penalty_give(user=user, points=1, reason="x")
    assert client.get(reverse(f"admin:users_{model}_changelist")).status_code == 200
    pk = {"user": user.pk, "badge": badge.pk, "penalty": penalty.pk}[model]
    assert client.get(reverse(f"admin:users_{model}_change", args=[pk])).status_code == 200


def test_a_form_opened_before_a_match_does_not_undo_its_rating(client, staff, make_user, monkeypatch):
    user = make_user("Ann")
    opened = User.objects.get(pk=user.pk)
    form = form_of(client, _page(user))
    User.objects.filter(pk=user.pk).update(rate=1516, max_rate=1516, match_count=1)
    # As when the match closes between the form's reading and its writing.
    monkeypatch.setattr("users.admin.accounts.UserAdmin.get_object", lambda *args, **kwargs: opened)
    answer = client.post(_page(user), form | {"trainer_name": "Anna", "rate": "9999"})
    assert answer.status_code == 302, answer.context["errors"]
    user.refresh_from_db()
    assert (user.trainer_name, user.rate, user.max_rate, user.match_count) == ("Anna", 1516, 1516, 1)


def test_a_penalty_and_a_badge_are_given_and_taken(client, staff, make_user, make_badges):
    user, (badge,) = make_user("Ann"), make_badges("a")
    until = {"until_0": "2026-12-01", "until_1": "18:00"}
    act(client, "give_penalty", user, points="2", told="left", reason="seen on the stream", **until)
    penalty = Penalty.objects.get()
    assert (penalty.user, penalty.points, penalty.reason) == (user, 2, "left")
    assert penalty.until == datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # as it was typed in Japan's time
    act(client, "grant_badge", user, badge="a")
    assert OwnedBadge.objects.get().badge == badge
    act(client, "revoke_badge", user, badge="a")
    assert not OwnedBadge.objects.exists()


def test_accounts_are_banned_and_let_in_again_but_never_ones_own(client, staff, make_user):
    users = [make_user("Ann"), make_user("Bob"), staff]
    act(client, "ban", *users)
    assert [User.objects.get(pk=user.pk).is_banned for user in users] == [True, True, False]
    act(client, "unban", *users)
    assert not any(User.objects.get(pk=user.pk).is_banned for user in users)


def test_penalties_are_lifted(client, staff, make_user):
    penalty = services.penalty_give(user=make_user(), points=1, reason="x")
    act(client, "lift", penalty)
    penalty.refresh_from_db()
    assert penalty.lifted_at is not None


def test_nobody_lifts_their_own_penalties(client, staff):
    penalty = services.penalty_give(user=staff, points=1, reason="x")
    act(client, "lift", penalty)
    penalty.refresh_from_db()
    assert penalty.lifted_at is None


def test_accounts_are_neither_added_nor_deleted_here(client, staff, make_user):
    user = make_user()
    assert client.get(reverse("admin:users_user_add")).status_code == 403
    assert client.post(reverse("admin:users_user_delete", args=[user.pk])).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_whoever_may_change_accounts_cannot_take_more_rights_or_ban_those_above(client, make_user):
    helper, chief, player = make_user("Helper", is_staff=True), make_user("Chief", is_superuser=True), make_user("Ann")
    permissions = Permission.objects.filter(codename__in=["change_user", "view_user"])
    helper.user_permissions.set(permissions)
    client.force_login(helper)
    form = form_of(client, _page(helper))
    answer = client.post(_page(helper), form | {"is_superuser": "on", "user_permissions": permissions[0].pk})
    assert answer.status_code == 302
    act(client, "ban", chief, player)
    helper.refresh_from_db()
    assert not helper.is_superuser
    assert set(helper.user_permissions.all()) == set(permissions)
    assert not User.objects.get(pk=chief.pk).is_banned
    assert User.objects.get(pk=player.pk).is_banned
    assert client.post(_page(chief), form).status_code == 403
