"""Fixtures for tests of accounts."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.users.provider import AUDIENCE, Clock, Provider, new_key
from users import jwks, services, tokens
from users.models import Badge, User


@pytest.fixture(scope="session")
def rsa_keys():
    """Two keys; making one takes a while."""
    return new_key(), new_key()


@pytest.fixture
def clock() -> Clock:
    """The clock that key sets go by."""
    return Clock()


@pytest.fixture
def provider(rsa_keys, settings, clock, monkeypatch) -> Iterator[Provider]:
    """The identity provider, running and set up."""
    running = Provider(rsa_keys[0])
    settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE = running.domain, AUDIENCE
    monkeypatch.setattr(jwks, "key_set", lru_cache(lambda url: jwks.KeySet(url, clock=clock)))
    yield running
    running.delay.set()
    running.take_down()


@pytest.fixture
def api() -> APIClient:
    """A client without a token; a server error is an answer to it, not an exception."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def sign_in(db) -> Callable[..., tuple[APIClient, User]]:
    """Sign in: `client, user = sign_in("Ann", rate=1600)`."""

    def enter(name: str = "Ann", **fields: Any) -> tuple[APIClient, User]:
        token, _ = tokens.issue_dev_token(name)
        user = services.user_from_claims(claims=tokens.verify(token))
        if fields:
            fields.setdefault("max_rate", max(user.max_rate, fields.get("rate", user.rate)))
            User.objects.filter(pk=user.pk).update(**fields)
            user.refresh_from_db()
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client, user

    return enter


@pytest.fixture
def make_badges(db) -> Callable[..., list[Badge]]:
    """Badges with these ids: `make_badges("a", "b")`."""

    def make(*badge_ids: str) -> list[Badge]:
        return [Badge.objects.create(badge_id=badge_id, name=badge_id.upper()) for badge_id in badge_ids]

    return make
