"""The REST interface of accounts: what it makes of bad input."""

import pytest

from tests.users.answers import errors_of
from tests.users.provider import NOW
from users import services, tokens
from users.models import OwnedBadge, User
from users.roles import ROLES

pytestmark = pytest.mark.django_db

WRITES = [
    ("post", "/api/auth/dev/login"),
    ("patch", "/api/users/me/profile"),
    ("put", "/api/users/me/discord"),
    ("put", "/api/users/me/badges/equip"),
]
FIELDS = [
    ("/api/users/me/profile", "trainer_name", ["", " ", "x" * 51, None, 7, 1.5, True, [], {}, "a\0b"]),
    ("/api/users/me/profile", "bio", ["x" * 201, None, 7, False, [], {}, "\0"]),
    (
        "/api/users/me/profile",
        "preferred_roles",
        ["TANK", ["JUNGLE"], ["TANK", "TANK"], [*ROLES, "TANK"], None, 7, {}, [None], [[]], [{}], [7], ["\0"]],
    ),
    ("/api/users/me/profile", "twitter_id", ["a b", "x" * 17, "x" * 16, None, 7, [], {}, "\0"]),
    (
        "/api/users/me/profile",
        "blocked_user_ids",
        ["x", ["nobody"], ["a" * 16], ["x"] * 101, None, 7, {}, [None], [7], [[]], ["\0"], ["x" * 60_000]],
    ),
    ("/api/users/me/discord", "discord_username", ["x" * 33, None, 7, [], {}, "\0"]),
    (
        "/api/users/me/discord",
        "discord_avatar_url",
        ["http://x.example", "x", "https://" + "x" * 200, None, 7, [], "\0"],
    ),
    (
        "/api/users/me/badges/equip",
        "badges",
        ["a", ["a", "a"], ["b"], ["a", "b", "c"], None, 7, {}, [None], [7], [[]], ["\0"], ["x" * 41]],
    ),
]
VALID = {
    "/api/users/me/profile": {},
    "/api/users/me/discord": {"discord_username": "x", "discord_avatar_url": ""},
    "/api/users/me/badges/equip": {"badges": []},
}
METHODS = {path: method for method, path in WRITES}


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [(path, field, value) for path, field, values in FIELDS for value in values],
    ids=lambda value: repr(value)[:30],
)
def test_a_wrong_value_is_a_400_that_names_the_field(sign_in, make_badges, path, field, value):
    client, user = sign_in("Ann")
    services.badge_grant(user=user, badge=make_badges("a", "b")[0])
    before = User.objects.values().get(pk=user.pk)
    response = getattr(client, METHODS[path])(path, {**VALID[path], field: value}, format="json")
    assert all(error["attr"].split(".")[0] == field for error in errors_of(response, 400))
    assert User.objects.values().get(pk=user.pk) == before
    assert not OwnedBadge.objects.filter(place__isnull=False).exists()


BODIES = {
    "nothing": b"",
    "space": b" ",
    "half": b'{"name": ',
    "text": b"name=Ann",
    "list": b"[]",
    "string": b'"name"',
    "number": b"7",
    "null": b"null",
    "not-a-number": b'{"name": NaN}',
    "surrogate": b'{"name": "\\ud800"}',
    "surrogate-key": b'{"\\ud800": 1}',
    "nul-key": b'{"\\u0000": 1}',
    "long-key": b'{"' + b"k" * 60_000 + b'": 1}',
    "not-utf-8": b'{"name": "\xff"}',
    "utf-16": '{"name": "Ann"}'.encode("utf-16"),
    "deep": b"[" * 30_000,
    "deep-and-closed": b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "huge-number": b'{"name": ' + b"9" * 60_000 + b"}",
    "unknown-field": b'{"rate": 3000}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("method", "path"), WRITES, ids=[path for _, path in WRITES])
def test_a_body_that_does_not_fit_is_a_400(sign_in, method, path, body):
    client, _ = sign_in("Ann")
    before = list(User.objects.values())
    response = client.generic(method.upper(), path, body, content_type="application/json")
    if method == "patch" and body == b"":
        assert response.status_code == 200  # no changes
    else:
        errors_of(response, 400)
    assert list(User.objects.values()) == before


def test_an_unknown_field_is_named(sign_in):
    client, user = sign_in("Ann")
    response = client.patch("/api/users/me/profile", {"bio": "x", "rate": 3000, "is_staff": True}, format="json")
    errors = errors_of(response, 400)
    assert {(error["code"], error["attr"]) for error in errors} == {
        ("unknown_field", "rate"),
        ("unknown_field", "is_staff"),
    }
    user.refresh_from_db()
    assert (user.rate, user.is_staff, user.bio) == (1500, False, "")


@pytest.mark.parametrize(("method", "path"), WRITES, ids=[path for _, path in WRITES])
def test_an_oversized_body_is_a_413(sign_in, method, path):
    client, _ = sign_in("Ann")
    response = client.generic(method.upper(), path, b'"' + b"x" * 70_000 + b'"', content_type="application/json")
    assert errors_of(response, 413)[0]["code"] == "too_large"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"]
)
@pytest.mark.parametrize(("method", "path"), WRITES, ids=[path for _, path in WRITES])
def test_another_content_type_is_a_415(sign_in, method, path, content_type):
    client, _ = sign_in("Ann")
    response = client.generic(method.upper(), path, b"name=Ann", content_type=content_type)
    errors_of(response, 415)


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "no-such"])
def test_a_body_is_utf_8_whatever_it_says(sign_in, charset):
    client, _ = sign_in("Ann")
    response = client.generic(
        "PATCH", "/api/users/me/profile", b'{"bio": "x"}', content_type=f"application/json; charset={charset}"
    )
    assert response.json()["bio"] == "x"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/api/users/me"),
        ("post", "/api/users/me/export"),
        ("post", "/api/users/me/profile"),
        ("get", "/api/users/me/discord"),
        ("get", "/api/users/me/badges/equip"),
        ("post", "/api/users/ranking"),
        ("post", "/api/badges"),
        ("get", "/api/auth/dev/login"),
    ],
)
def test_another_method_is_a_405(sign_in, method, path):
    client, _ = sign_in("Ann")
    errors_of(getattr(client, method)(path), 405)


def test_another_answer_than_json_is_a_406(sign_in):
    client, _ = sign_in("Ann")
    errors_of(client.get("/api/users/me", HTTP_ACCEPT="text/html"), 406)


@pytest.mark.parametrize(
    ("method", "path"),
    [*WRITES[1:], ("get", "/api/users/me"), ("get", "/api/users/me/profile"), ("get", "/api/users/me/badges")],
)
def test_what_is_the_callers_own_needs_a_token(api, method, path):
    errors_of(getattr(api, method)(path, {}, format="json"), 401)
    expired, _ = tokens.issue_dev_token("Ann", now=NOW - 10**9, lifetime=1)
    errors_of(getattr(api, method)(path, {}, format="json", HTTP_AUTHORIZATION=f"Bearer {expired}"), 401)
