"""Names that `createsuperuser` gives and subjects of the identity provider never meet."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from unitemate.admin_signin import digest
from users.models import User
from users.services import user_from_claims
from users.tokens import Claims, InvalidToken, verify

PASSWORD = "a long password"


def person(subject: str) -> User:
    return user_from_claims(claims=Claims(subject=subject, expires_at=0))


@pytest.fixture
def boss(db, monkeypatch) -> User:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", subject="boss", trainer_name="Boss", verbosity=0)
    return User.objects.get()


def test_who_has_the_same_subject_is_somebody_else(boss):
    player = person("boss")
    assert player != boss
    assert not player.is_staff
    assert not player.has_usable_password()


def test_nor_does_a_new_name_reach_an_account_that_is_there(db):
    player = person("auth0|1")
    staff = User.objects.create_superuser("auth0|1", PASSWORD, trainer_name="Boss")
    assert staff != player
    player.refresh_from_db()
    assert not player.is_staff


@pytest.mark.parametrize("subject", ["staff|boss", "staff|", "deleted|x"])
def test_no_token_is_a_reserved_name(provider, subject):
    with pytest.raises(InvalidToken):
        verify(provider.token(sub=subject))


@pytest.mark.parametrize("typed", ["boss", "staff|boss"])
def test_staff_sign_in_by_the_name_as_it_was_given(boss, typed):
    assert authenticate(username=typed, password=PASSWORD) == boss
    assert authenticate(username=typed, password="wrong") is None


def test_a_subject_does_not_hide_the_name(boss):
    player = person("boss")
    player.set_password("another password")
    player.save()
    assert authenticate(username="boss", password=PASSWORD) == boss
    assert authenticate(username="boss", password="another password") is None


def test_who_comes_from_the_provider_signs_in_by_the_subject(db):
    player = person("auth0|1")
    player.set_password(PASSWORD)
    player.save()
    assert authenticate(username="auth0|1", password=PASSWORD) == player


def test_both_spellings_are_counted_as_one():
    assert digest("staff|Boss") == digest("ＳＴＡＦＦ|boss") == digest("boss")


@pytest.mark.django_db(transaction=True)
def test_names_from_before_are_set_apart():
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    before = [("users", "0007_finite_ratings")]
    executor.migrate(before)
    accounts = executor.loader.project_state(before).apps.get_model("users", "User").objects
    rows = {
        "boss": {"password": "pbkdf2", "is_staff": True},
        "auth0|promoted": {"password": "pbkdf2", "is_staff": True},
        "promoted": {"password": "pbkdf2", "is_staff": True, "email": "a@example.com"},
        "plays": {"password": "pbkdf2", "is_staff": True, "match_count": 1},
        "player": {"password": "!x"},
        "helper": {"password": "!x", "is_staff": True},
    }
    for number, (subject, fields) in enumerate(rows.items()):
        accounts.create(user_id=f"{number:016}", subject=subject, trainer_name="x", **fields)
    MigrationExecutor(connection).migrate(latest)
    subjects = list(User.objects.order_by("user_id").values_list("subject", flat=True))
    assert subjects == ["staff|boss", *list(rows)[1:]]
