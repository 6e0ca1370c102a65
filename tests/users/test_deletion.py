"""Deleting an account: nothing says any more whose it was, and nothing is shaken off by it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from staff.models import AuditEntry
from staff.services import audit_record
from tests.scenes import NOW, at
from tests.users.answers import errors_of
from users import services
from users.authentication import socket_identities
from users.errors import NotFound, SignedOut
from users.models import DELETED, OwnedBadge, Penalty, User
from users.personal import digest
from users.tokens import Claims, issue_dev_token

pytestmark = pytest.mark.django_db
SUBJECT = "oauth2|somewhere|ann"
SAID = {
    "subject": SUBJECT,
    "email": "ann@mail.example",
    "discord_id": "412340987600000001",
    "discord_username": "ann-on-discord",
    "discord_avatar_url": "https://cdn.example/ann.png",
    "trainer_name": "Ann of Aeos",
    "bio": "I live by the sea",
    "twitter_id": "ann_by_the_sea",
    "preferred_roles": ["TANK"],
    "blocked_user_ids": ["b" * 16],
}


@pytest.fixture
def ann(make_user) -> User:
    return make_user(**SAID)


def claims(seconds: float, subject: str = SUBJECT) -> Claims:
    """Of a token issued so many seconds after `NOW`."""
    return Claims(subject=subject, expires_at=at(9e9).timestamp(), issued_at=at(seconds).timestamp(), name="Ann again")


def row(user: User) -> dict:
    return User.objects.filter(pk=user.pk).values().get()


# --- what is removed ------------------------------------------------------------------------------


def test_nothing_says_any_more_whose_it_was(ann, make_badges):
    (badge,) = make_badges("a")
    services.badge_grant(user=ann, badge=badge)
    User.objects.filter(pk=ann.pk).update(is_staff=True, is_superuser=True, last_login=NOW)
    ann.groups.add(Group.objects.first())
    services.account_delete(user=ann, now=at(1))
    kept = row(ann)
    assert [value for name, value in SAID.items() if name != "preferred_roles" and str(value) in str(kept)] == []
    assert (kept["trainer_name"], kept["preferred_roles"], kept["blocked_user_ids"]) == (DELETED, [], [])
    assert (kept["is_active"], kept["is_staff"], kept["is_superuser"], kept["last_login"]) == (False,) * 3 + (None,)
    assert not ann.groups.exists()
    assert not OwnedBadge.objects.exists()
    assert kept["deleted_at"] == at(1)


def test_ratings_stay_since_those_of_others_hang_on_them(make_user):
    ann = make_user(rate=1700, match_count=9, win_count=5)
    services.account_delete(user=ann)
    assert [row(ann)[name] for name in ("rate", "max_rate", "match_count", "win_count")] == [1700, 1700, 9, 5]


def test_what_is_deleted_stays_as_it_is(ann):
    services.account_delete(user=ann, now=at(1))
    once = row(ann)
    services.account_delete(user=ann, now=at(2))
    assert row(ann) == once


def test_the_audit_log_forgets_the_name_of_a_member_of_staff_and_not_what_was_done(ann, make_user):
    audit_record(actor=ann, action="ban", row=make_user("Bob"), reason="x", changes={"a": [1, 2]})
    other = audit_record(actor=make_user("Root"), action="ban", row=ann, reason="x", changes={})
    before = AuditEntry.objects.values().get(actor_id=ann.pk)
    services.account_delete(user=ann)
    assert AuditEntry.objects.values().get(actor_id=ann.pk) == before | {"actor_name": ""}
    assert AuditEntry.objects.get(pk=other.pk).actor_name == "Root"


@pytest.mark.parametrize(
    "write",
    [
        lambda user: services.profile_update(user=user, bio="back again"),
        lambda user: services.discord_update(user=user, discord_username="ann", discord_avatar_url=""),
    ],
    ids=["profile", "discord"],
)
def test_what_was_under_way_does_not_bring_it_back(ann, write):
    stale = User.objects.get(pk=ann.pk)
    services.account_delete(user=ann)
    gone = row(ann)
    with pytest.raises(NotFound):
        write(stale)
    assert row(ann) == gone


@pytest.mark.parametrize(
    "fields",
    [{"trainer_name": "Ann"}, {"bio": "x"}, {"email": "a@mail.example"}, {"is_active": True}, {"discord_id": "1"}],
)
def test_the_database_refuses_to_fill_it_again(ann, fields):
    services.account_delete(user=ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ann.pk).update(**fields)


# --- signing in again -----------------------------------------------------------------------------


def test_who_signs_in_again_has_a_new_account(ann):
    services.account_delete(user=ann, now=at(1))
    again = services.user_from_claims(claims=claims(2))
    assert again.pk != ann.pk
    assert (again.subject, again.trainer_name, again.is_banned) == (SUBJECT, "Ann again", False)
    assert services.user_from_claims(claims=claims(3)) == again


@pytest.mark.parametrize("issued", [-9e8, 0, 1], ids=["ages before", "before", "at the moment"])
@pytest.mark.parametrize("back", [False, True], ids=["gone", "back"])
def test_tokens_from_before_are_good_for_nothing(ann, issued, back):
    services.account_delete(user=ann, now=at(1))
    if back:
        services.user_from_claims(claims=claims(2))
    accounts = set(User.objects.values_list("pk", flat=True))
    with pytest.raises(SignedOut):
        services.user_from_claims(claims=claims(issued))
    found = services.users_from_claims(claims=[claims(issued)])
    assert all(user.refuses_token_of(claims(issued).issued_at) for user in found.values())
    assert set(User.objects.values_list("pk", flat=True)) == accounts


def test_sockets_are_told_the_same(sign_in):
    old, (_, user) = issue_dev_token("Ann")[0], sign_in("Ann")
    services.account_delete(user=user)
    refused, welcome = socket_identities([old, issue_dev_token("Ann")[0]])
    assert (refused.code, welcome.owner != user.pk) == (4401, True)
    assert [one.code for one in socket_identities([old])] == [4401]


def test_of_several_tokens_at_once_the_newest_makes_the_account(ann):
    services.account_delete(user=ann, now=at(1))
    found = services.users_from_claims(claims=[claims(2), claims(0)])
    assert not found[SUBJECT].refuses_token_of(claims(2).issued_at)
    assert found[SUBJECT].refuses_token_of(claims(0).issued_at)


def test_once_forgotten_nothing_is_refused_any_more(ann):
    services.account_delete(user=ann, now=at(1))
    assert services.former_accounts_forget(before=at(1), now=at(2)) == 0
    assert services.former_accounts_forget(before=at(2), now=at(2)) == 1
    assert row(ann)["former_digest"] == ""
    assert services.user_from_claims(claims=claims(0)).pk != ann.pk


def test_without_the_key_the_digest_says_nothing(settings):
    ours = digest(SUBJECT)
    assert digest("another") != ours
    settings.SECRET_KEY = "another key " * 5
    assert digest(SUBJECT) != ours


# --- what is not shaken off -----------------------------------------------------------------------


def test_a_ban_goes_over(ann):
    services.user_ban(user=ann, reason="insults", now=NOW)
    services.account_delete(user=ann, now=at(1))
    again = services.user_from_claims(claims=claims(2))
    assert (again.banned_at, again.ban_reason) == (NOW, "insults")
    assert (row(ann)["banned_at"], row(ann)["ban_reason"], row(ann)["former_digest"]) == (None, "", "")


def test_and_so_do_penalties_in_force_and_no_others(ann):
    barred = services.penalty_give(user=ann, points=6, reason="barred", now=NOW)
    waiting = services.penalty_give(user=ann, points=1, reason="time-out", until=at(600), now=NOW)
    Penalty.objects.filter(pk=waiting.pk).update(worked_off=1, worked_off_at=NOW)
    lifted = services.penalty_give(user=ann, points=1, reason="lifted", now=NOW)
    services.penalty_lift(penalty=lifted, now=NOW)
    services.account_delete(user=ann, now=at(1))
    again = services.user_from_claims(claims=claims(2))
    assert set(Penalty.objects.values_list("pk", "user")) == {(barred.pk, again.pk), (waiting.pk, again.pk)}


def test_deleting_again_and_again_shakes_nothing_off(ann):
    services.user_ban(user=ann, reason="insults", now=NOW)
    for second in range(1, 6, 2):
        user = services.user_from_claims(claims=claims(second)) if second > 1 else ann
        services.account_delete(user=user, now=at(second + 1))
    assert services.user_from_claims(claims=claims(9)).is_banned
    assert User.objects.exclude(banned_at=None).count() == 1


def test_a_ban_that_comes_after_the_deletion_goes_over_as_well(ann):
    services.account_delete(user=ann, now=at(1))
    services.user_ban(user=ann, reason="late report", now=at(2))
    assert services.user_from_claims(claims=claims(3)).ban_reason == "late report"


def test_a_ban_is_remembered_for_as_long_as_it_lasts(ann):
    services.user_ban(user=ann, reason="insults", now=NOW)
    services.account_delete(user=ann, now=at(1))
    years = NOW + timedelta(days=3000)
    assert services.former_accounts_forget(before=years, now=years) == 0
    services.user_unban(user=ann)
    assert services.former_accounts_forget(before=years, now=years) == 1


def test_points_are_remembered_until_they_are_lifted_or_pruned(ann):
    penalty = services.penalty_give(user=ann, points=1, reason="x", now=NOW)
    services.account_delete(user=ann, now=at(1))
    assert services.former_accounts_forget(before=at(9), now=at(9)) == 0
    services.penalty_lift(penalty=penalty, now=at(9))
    assert services.former_accounts_forget(before=at(9), now=at(9)) == 1


def test_a_time_out_is_remembered_until_its_end(ann):
    penalty = services.penalty_give(user=ann, points=1, reason="x", until=at(600), now=NOW)
    Penalty.objects.filter(pk=penalty.pk).update(worked_off=1, worked_off_at=NOW)
    services.account_delete(user=ann, now=at(1))
    assert services.former_accounts_forget(before=at(9), now=at(599)) == 0
    assert services.former_accounts_forget(before=at(9), now=at(600)) == 1


def test_nobody_else_has_anything_of_it(ann):
    services.user_ban(user=ann, reason="insults", now=NOW)
    services.account_delete(user=ann, now=at(1))
    other = services.user_from_claims(claims=claims(2, "oauth2|somewhere|bob"))
    assert not other.is_banned
    assert row(ann)["banned_at"] == NOW


# --- over REST ------------------------------------------------------------------------------------


def test_one_deletes_ones_own_by_its_name(sign_in):
    client, user = sign_in("Ann")
    assert client.delete("/api/users/me", {"trainer_name": " Ann "}, format="json").status_code == 204
    assert row(user)["deleted_at"] is not None
    errors_of(client.get("/api/users/me"), 401)
    errors_of(client.delete("/api/users/me", {"trainer_name": "Ann"}, format="json"), 401)
    again, other = sign_in("Ann")
    assert other.pk != user.pk
    assert again.get("/api/users/me").json()["user_id"] == other.pk
    errors_of(client.get("/api/users/me"), 401)
    errors_of(again.get(f"/api/users/{user.pk}"), 404)


@pytest.mark.parametrize(
    "body",
    [{}, {"trainer_name": "ann"}, {"trainer_name": ""}, {"trainer_name": DELETED}, {"trainer_name": 1}, [], None],
)
def test_without_the_name_nothing_happens(sign_in, body):
    client, user = sign_in("Ann")
    before = row(user)
    errors_of(client.delete("/api/users/me", body, format="json"), 400)
    assert row(user) == before


def test_who_is_banned_may_go_as_well(sign_in):
    client, _ = sign_in("Ann", banned_at=NOW)
    assert client.get("/api/users/me/export").status_code == 200
    assert client.delete("/api/users/me", {"trainer_name": "Ann"}, format="json").status_code == 204
    again, _ = sign_in("Ann")
    errors_of(again.patch("/api/users/me/profile", {"bio": "x"}, format="json"), 403)


def test_nobody_takes_the_name_of_the_deleted(sign_in):
    client, _ = sign_in("Ann")
    errors_of(client.patch("/api/users/me/profile", {"trainer_name": DELETED}, format="json"), 400)
    assert services.user_from_claims(claims=claims(0)).trainer_name == "Ann again"
    named = Claims(subject="x|1", expires_at=0, name=DELETED)
    assert services.user_from_claims(claims=named).trainer_name == services.NAMELESS


def test_tokens_of_the_development_login_tell_when_they_are_from(sign_in):
    """To the fraction of a second, so that one may come back within the second of the deletion."""
    from users.tokens import verify  # noqa: PLC0415

    token, _ = issue_dev_token("Ann", now=1_800_000_000.25)
    assert verify(token, now=1_800_000_001).issued_at == 1_800_000_000.25
