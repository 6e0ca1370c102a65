"""Queries that are compiled once: they answer as the ORM does, whatever they are asked and by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, Exists, OuterRef
from django.db.models.sql.compiler import SQLCompiler

from users.models import Penalty, User
from users.prepared import Argument, Prepared

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def by_name() -> Prepared:
    return Prepared(
        lambda: User.objects.filter(trainer_name=Argument("name", CharField())).values(
            "pk", "created_at", "preferred_roles", "is_staff", "rating_mean", "banned_at"
        )
    )


def make(name: str, **fields) -> User:
    return User.objects.create(subject=f"test|{name}", trainer_name=name, **fields)


def test_it_answers_as_the_orm_does(by_name):
    make("Ann", created_at=NOON, preferred_roles=["TANK"], is_staff=True, rating_mean=1512.25, banned_at=NOON)
    make("Ben")
    for name in ("Ann", "Ben", "Ann"):
        columns = ("pk", "created_at", "preferred_roles", "is_staff", "rating_mean", "banned_at")
        expected = User.objects.filter(trainer_name=name).values(*columns).get()
        assert by_name.first(name=name) == expected
        assert list(by_name.first(name=name)) == list(columns)


def test_it_is_compiled_once(by_name, monkeypatch):
    compiled = []
    as_sql = SQLCompiler.as_sql

    def counted(self, *args, **kwargs):
        compiled.append(self)
        return as_sql(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    for name in ("Ann", "Ben", "Cid"):
        by_name.first(name=name)
    assert len(compiled) == 1


def test_all_rows_in_their_order():
    for name in ("Cid", "Ann", "Ben"):
        make(name)
    query = Prepared(lambda: User.objects.order_by("trainer_name").values("trainer_name")[:2])
    assert query.all() == [{"trainer_name": "Ann"}, {"trainer_name": "Ben"}]
    User.objects.all().delete()
    assert query.all() == []


def test_nobody_is_none(by_name):
    assert by_name.first(name="Nobody") is None


@pytest.mark.parametrize("name", ["'; DROP TABLE users_user; --", "%s", "%", '"', "\\", "ニャース"])
def test_values_are_values_and_nothing_else(by_name, name):
    user = make(name)
    assert by_name.first(name=name)["pk"] == user.pk


def test_a_value_that_is_not_given_is_an_error(by_name):
    with pytest.raises(KeyError):
        by_name.first()


def test_times_and_subqueries():
    ann = make("Ann")
    Penalty.objects.create(user=ann, reason="left", until=NOON)
    until = Argument("now", DateTimeField())
    timed_out = Exists(Penalty.objects.filter(user=OuterRef("pk"), until__gt=until))
    query = Prepared(lambda: User.objects.filter(pk=Argument("user_id", CharField())).values(timed_out=timed_out))
    second = timedelta(seconds=1)
    assert query.first(user_id=ann.pk, now=NOON - second) == {"timed_out": True}
    assert query.first(user_id=ann.pk, now=NOON) == {"timed_out": False}


@pytest.mark.django_db(transaction=True)
def test_threads_ask_the_same_query_at_once(by_name):
    users = {name: make(name).pk for name in ("Ann", "Ben", "Cid", "Dot")}

    def ask(name: str) -> bool:
        try:
            return all(by_name.first(name=name)["pk"] == users[name] for _ in range(25))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, users))
