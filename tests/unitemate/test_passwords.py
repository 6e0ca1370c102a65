"""Passwords are hashed by few threads at once, none of which holds a connection meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection

from unitemate import passwords
from users.models import User


@pytest.fixture
def hashing(monkeypatch):
    """What there is while a password is hashed: `busy`, the threads at it, and `connections`, those that they hold."""

    class Seen:
        busy, most, connections = 0, 0, 0

    lock, encode = threading.Lock(), PBKDF2PasswordHasher.encode
    full = threading.Event()

    def seen(*arguments):
        with lock:
            Seen.busy += 1
            Seen.most = max(Seen.most, Seen.busy)
            Seen.connections += connection.connection is not None
            if Seen.busy == passwords.AT_ONCE:
                full.set()
        full.wait(10)
        try:
            return encode(*arguments)
        finally:
            with lock:
                Seen.busy -= 1

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", seen)
    return Seen


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_a_sign_in_hashes_a_few_at_once_and_without_a_connection(transactional_db, hashing, monkeypatch, name):
    made = PBKDF2PasswordHasher.encode
    monkeypatch.undo()
    User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin")
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", made)

    def sign_in(_: int) -> bool:
        try:
            return authenticate(None, username=name, password="a-long-enough-password") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(sign_in, range(8))) == {name == "admin"}
    assert (hashing.most, hashing.connections) == (passwords.AT_ONCE, 0)


def test_a_transaction_keeps_its_connection(db):
    held = connection.connection
    assert check_password("word", make_password("word"))
    assert connection.connection is held is not None


def test_passwords_from_before_are_good(db):
    before = PBKDF2PasswordHasher().encode("word", "salt")
    assert before.startswith("pbkdf2_sha256$")
    assert check_password("word", before)
    assert not check_password("other", before)
