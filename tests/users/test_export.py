"""The export: everything that is kept of the caller, and nobody else's."""

import pytest
from django.core.cache import cache
from django.db import models
from rest_framework.throttling import SimpleRateThrottle

from staff.services import audit_record
from tests.scenes import NOW, at
from tests.users.answers import errors_of
from users import services
from users.models import Penalty, User

pytestmark = pytest.mark.django_db
NOT_THE_PLAYERS = {"password", "former_digest", "tokens_from", "deleted_at", "is_active", "is_superuser"}
"""Columns of an account that say nothing about a person."""


def export(client) -> dict:
    answer = client.get("/api/users/me/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    return answer.json()


def test_the_account_is_in_it_whole(sign_in):
    private = {"email": "ann@mail.example", "discord_id": "42", "blocked_user_ids": ["b" * 16], "bio": "hello"}
    client, user = sign_in("Ann", **private)
    account = export(client)["account"]
    assert {name: account[name] for name in private} == private
    assert (account["subject"], account["user_id"]) == ("dev|Ann", user.pk)
    columns = {field.name for field in User._meta.concrete_fields}
    assert account.keys() == columns - NOT_THE_PLAYERS


def test_a_new_column_of_a_penalty_is_not_forgotten(sign_in):
    client, user = sign_in("Ann")
    services.penalty_give(user=user, points=2, reason="left a match", until=at(600), now=NOW)
    (penalty,) = export(client)["penalties"]
    assert (penalty["points"], penalty["reason"], penalty["until"]) == (2, "left a match", "2026-11-24T12:10:00Z")
    columns = {field.name for field in Penalty._meta.concrete_fields if not isinstance(field, models.ForeignKey)}
    assert penalty.keys() == columns - {"id"}


def test_badges_and_what_staff_have_done(sign_in, make_badges, make_user):
    client, user = sign_in("Ann")
    services.badge_grant(user=user, badge=make_badges("a")[0], now=NOW)
    audit_record(actor=make_user("Root"), action="ban", row=user, reason="Bob says so", changes={})
    document = export(client)
    assert document["badges"] == [{"id": "a", "earned_at": "2026-11-24T12:00:00Z", "place": None}]
    (act,) = document["done_by_staff"]
    assert act.keys() == {"made_at", "action"}
    assert act["action"] == "ban"


def test_who_has_nothing_has_an_empty_one(sign_in):
    client, _ = sign_in("Ann")
    document = export(client)
    assert document.pop("account")["trainer_name"] == "Ann"
    assert not any(document.values())


def test_nobody_has_it_without_a_token(api):
    errors_of(api.get("/api/users/me/export"), 401)


def test_it_is_not_had_again_and_again(sign_in, monkeypatch):
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", SimpleRateThrottle.THROTTLE_RATES | {"export": "2/hour"})
    client, _ = sign_in("Ann")
    assert [client.get("/api/users/me/export").status_code for _ in range(3)] == [200, 200, 429]
    cache.clear()
