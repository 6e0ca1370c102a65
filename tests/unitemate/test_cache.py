"""A cache that cannot be reached fails no request."""

import pytest
from django.core.cache import caches

from tests.backend import free_port


@pytest.mark.postgres
def test_the_cache_keeps_what_it_is_given():
    cache = caches["default"]
    cache.set("key", [1, 2], 60)
    assert cache.get("key") == [1, 2]


def test_without_redis_it_forgets_and_requests_pass(settings, client, db):
    settings.CACHES = {
        "default": {
            "BACKEND": "unitemate.cache.ForgivingRedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }
    caches["default"].set("key", 1, 60)
    assert caches["default"].get("key", "nothing") == "nothing"
    assert client.get("/api/queue").status_code == 200
    login = client.post("/api/auth/dev/login", {"name": "Ann"}, content_type="application/json")
    assert login.status_code == 200
