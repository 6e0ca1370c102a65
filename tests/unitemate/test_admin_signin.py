"""Signing in to the admin: bounds to trying, and nothing to learn from how long a refusal takes."""

from threading import BoundedSemaphore

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache

from unitemate import admin_signin
from users.models import User

PASSWORD = "a-long-enough-password"


@pytest.fixture
def administrator(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    cache.clear()
    yield User.objects.create_superuser("admin", PASSWORD, trainer_name="Admin")
    cache.clear()


@pytest.fixture
def sign_in(client):
    """Try to sign in: whether it worked; the refusal is looked at."""

    def sign_in(subject="admin", password=PASSWORD, address="192.0.2.1") -> bool:
        client.logout()
        body = {"username": subject, "password": password, "next": "/admin/"}
        answer = client.post("/admin/login/", body, REMOTE_ADDR=address, headers={"Accept-Language": "en"})
        if answer.status_code == 200:
            sign_in.refused_for = {error.code for error in answer.context["form"].non_field_errors().as_data()}
        return answer.status_code == 302

    return sign_in


def test_the_right_password_signs_in(administrator, sign_in):
    assert sign_in()
    assert not sign_in(password="wrong")
    assert sign_in.refused_for == {"invalid_login"}


def test_an_address_is_held_off_after_ten_attempts_a_minute(administrator, sign_in):
    for number in range(10):
        assert not sign_in(subject=f"guess {number}", password="wrong")
    assert not sign_in()
    assert sign_in.refused_for == {"throttled"}
    assert sign_in(address="192.0.2.2")


def test_a_customer_with_a_network_of_ipv6_addresses_is_one(administrator, sign_in):
    for number in range(10):
        assert not sign_in(subject=f"guess {number}", password="wrong", address=f"2001:db8::{number}")
    assert not sign_in(address="2001:db8::77:1")
    assert sign_in(address="2001:db8:0:1::1")


def test_an_account_is_held_off_after_twenty_attempts_an_hour_from_anywhere(administrator, sign_in):
    spellings = ("admin", "ADMIN", " admin ", "ａｄｍｉｎ", "𝐚dmin", "ⓐⓓⓜⓘⓝ", "\u3000ａdmin")
    for number in range(20):
        spelling = spellings[number % len(spellings)]
        assert not sign_in(subject=spelling, password="wrong", address=f"198.51.100.{number}")
        assert sign_in.refused_for == {"invalid_login"}
    for spelling in spellings:
        assert not sign_in(subject=spelling, address="192.0.2.3")
        assert sign_in.refused_for == {"throttled"}
    cache.clear()
    assert sign_in(subject="ａｄｍｉｎ")  # which is how the form reads it


def test_an_account_that_may_not_be_tried_does_not_use_up_another(administrator, sign_in):
    for number in range(20):
        assert not sign_in(subject="admın", password="wrong", address=f"198.51.100.{number}")
    assert sign_in(address="192.0.2.3")


def test_attempts_of_an_address_that_is_held_off_do_not_count_for_the_account(administrator, sign_in):
    for _ in range(40):
        assert not sign_in(password="wrong")
    assert sign_in(address="192.0.2.3")


def test_who_finds_no_place_is_told_to_wait(administrator, sign_in, monkeypatch):
    monkeypatch.setattr(admin_signin, "_places", BoundedSemaphore(1))
    assert not sign_in(password="wrong")
    assert admin_signin._places.acquire(blocking=False)  # it was given back
    assert not sign_in()
    assert sign_in.refused_for == {"throttled"}
    assert sign_in.refused_for == {"throttled"}


def test_the_bounds_are_lifted_with_the_other_limits(administrator, sign_in, settings):
    settings.UNITEMATE_LIMITS = False
    for _ in range(30):
        assert not sign_in(password="wrong")
    assert sign_in()


def test_who_is_held_off_costs_no_hashing(administrator, sign_in, monkeypatch):
    monkeypatch.setattr(admin_signin.PerAddress, "rate", "1/hour", raising=False)
    assert not sign_in(password="wrong")

    def encode(*_):
        raise AssertionError

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    assert not sign_in()


@pytest.mark.parametrize(
    ("subject", "fields"),
    [("admin", {}), ("nobody", {}), ("admin", {"is_staff": False}), ("admin", {"is_active": False})],
    ids=["a wrong password", "no such account", "a player", "a closed account"],
)
def test_each_refusal_takes_one_hashing_so_that_its_time_tells_nothing(
    administrator, sign_in, monkeypatch, subject, fields
):
    User.objects.filter(pk=administrator.pk).update(**fields)
    hashed, encode = [], MD5PasswordHasher.encode

    def counting(*arguments):
        hashed.append(arguments)
        return encode(*arguments)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    assert not sign_in(subject=subject, password="wrong")
    assert sign_in.refused_for == {"invalid_login"}
    assert len(hashed) == 1
