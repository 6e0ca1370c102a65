"""How many requests a caller may make: each rate holds, whatever comes at once, and refusals count."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as project
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from tests.backend import free_port
from unitemate.rest import throttles
from users import authentication
from users.models import User
from users.tokens import issue_dev_token

pytestmark = [pytest.mark.django_db]
RATES = project.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]


@pytest.fixture(autouse=True)
def nobody_counted_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rates(monkeypatch):
    """Set rates: `rates(user="2/min")`; the others are as in the settings."""

    def rates(**changed: str) -> None:
        monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", RATES | changed)

    return rates


@pytest.fixture
def bearer():
    """A client with a token of a player's: `bearer("Ann")`."""

    def bearer(name: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_dev_token(name)[0]}")
        return client

    return bearer


# --- each rate ------------------------------------------------------------------------------------


def probe(scope, bearer, client):
    """A call that this rate bounds, for the n-th time: whether it was let through."""
    ann = bearer("Ann")

    def sign_in(name: str, address: str) -> bool:
        body = {"username": name, "password": "wrong"}
        answer = client.post("/admin/login/", body, REMOTE_ADDR=address, headers={"Accept-Language": "en"})
        return b"Too many attempts" not in answer.content

    def dev_login(n: int) -> bool:
        body = {"name": f"Player {n}"}
        return client.post("/api/auth/dev/login", body, content_type="application/json").status_code == 200

    return {
        "user": lambda n: ann.get("/api/queue/me", REMOTE_ADDR=f"192.0.2.{n}").status_code == 200,
        "address": lambda n: client.get("/api/users/me").status_code == 401,
        "login": dev_login,
        "export": lambda n: ann.get("/api/users/me/export").status_code == 200,
        "admin": lambda n: sign_in(f"guess {n}", "192.0.2.1"),
        "admin_account": lambda n: sign_in("boss", f"192.0.2.{n}"),
    }[scope]


@pytest.mark.sqlite
@pytest.mark.parametrize("scope", RATES)
def test_each_rate_is_reached_beside_all_others(rates, bearer, client, scope, settings):
    """With all rates a tenth of what they are, so that none of them hides another."""
    settings.UNITEMATE_DEV_LOGIN = True
    tenths = {name: (int(rate.partition("/")[0]) // 10, rate.partition("/")[2]) for name, rate in RATES.items()}
    rates(**{name: f"{number}/{period}" for name, (number, period) in tenths.items()})
    call, limit = probe(scope, bearer, client), tenths[scope][0]
    assert [call(n) for n in range(limit + 2)] == [True] * limit + [False] * 2


@pytest.mark.sqlite
@pytest.mark.parametrize("scope", RATES)
def test_no_rate_holds_once_limits_are_lifted(rates, bearer, client, scope, settings):
    settings.UNITEMATE_DEV_LOGIN, settings.UNITEMATE_LIMITS = True, False
    rates(**dict.fromkeys(RATES, "1/hour"))
    call = probe(scope, bearer, client)
    assert [call(n) for n in range(3)] == [True] * 3


# --- what counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/users/me", {}, 401),
        ("/api/users/me", {"Authorization": "Bearer a.b.c"}, 401),
        ("/api/users/me", {"Authorization": "Basic"}, 401),
        ("/api/operations", {}, 401),
        ("/api/none", {}, 404),
        ("/api/queue", {}, 200),
        ("/api/schema/", {}, 200),
        ("/api/docs/", {}, 200),
    ],
)
@pytest.mark.sqlite
def test_whatever_is_answered_counts_by_address(rates, client, path, headers, status):
    rates(address="2/min")
    answers = [client.get(path, headers={"X-Forwarded-For": f"203.0.113.{n}"} | headers) for n in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 429]
    assert json.loads(answers[-1].content)["errors"] == [
        {"code": "throttled", "detail": "Too many requests. Try again later.", "attr": None}
    ]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert client.get(path, headers=headers, REMOTE_ADDR="192.0.2.2").status_code == status


@pytest.mark.sqlite
def test_who_is_held_off_costs_no_look_at_the_token(rates, client, monkeypatch):
    rates(address="0/min")
    monkeypatch.setattr(authentication, "verify", None)  # a call would be an error
    assert client.get("/api/users/me", headers={"Authorization": "Bearer a.b.c"}).status_code == 429


def test_what_is_refused_to_a_player_counts(rates, bearer):
    rates(user="2/min")
    answers = [bearer("Ann").get("/api/operations") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert answers[-1].json()["errors"][0]["code"] == "throttled"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_players_of_one_address_do_not_use_up_what_it_has(rates, bearer, client):
    """Each counts on their own; refused tokens from the same address go on counting for it."""
    rates(user="3/min", address="2/min")
    players = [bearer(name) for name in ("Ann", "Ben", "Cem")]
    assert {player.get("/api/queue/me").status_code for player in players for _ in range(3)} == {200}
    assert [client.get("/api/users/me").status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.sqlite
@pytest.mark.parametrize("path", ["/api/queue", "/api/auth/dev/login"])
def test_another_address_of_the_same_ipv6_network_makes_nobody_another_caller(rates, client, settings, path):
    settings.UNITEMATE_DEV_LOGIN = True
    rates(**{"login" if "login" in path else "address": "2/min"})
    tried = ["2001:db8::1", "2001:db8::2", "2001:db8::3:4", "2001:db8:0:1::1"]
    ask = client.post if "login" in path else client.get
    body = ({"name": "Ann"}, "application/json") if "login" in path else ()
    answers = [ask(path, *body, REMOTE_ADDR=address).status_code for address in tried]
    assert answers == [200, 200, 429, 200]


# --- at once --------------------------------------------------------------------------------------


def test_of_many_at_once_as_many_pass_as_may(rates):
    """Counting is one step: with reading, adding and writing, those who come together would count as one."""
    rates(admin_account="10/hour")
    together = threading.Barrier(20)

    class Names(throttles.Throttle):
        scope = "admin_account"

    def attempt(_: int) -> int:
        throttle = Names()
        together.wait()
        return sum(throttle.is_within("throttle_test") for _ in range(25))

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 10


def test_a_window_begins_with_the_first_and_ends(rates):
    number, left = cache.count("throttle_test", 30)
    assert number == 1
    assert 0 < left <= 30
    again, later = cache.count("throttle_test", 30)
    assert again == 2
    assert later <= left
    cache.delete("throttle_test")
    assert cache.count("throttle_test", 30).number == 1


def test_what_is_given_back_does_not_count(rates):
    for _ in range(3):
        cache.count("throttle_address", 30)
    assert cache.count("throttle_user", 30, "throttle_address").number == 1
    assert cache.count("throttle_address", 30).number == 3
    cache.count("throttle_user", 30, "throttle_gone")  # its window has ended
    assert 0 < cache.count("throttle_gone", 30).left <= 30


def test_a_player_is_made_once_however_it_is_counted(rates, bearer):
    assert bearer("Ann").get("/api/queue/me").status_code == 200
    assert User.objects.filter(trainer_name="Ann").count() == 1


def test_while_redis_is_away_requests_pass(settings, client):
    settings.CACHES = {
        "default": {
            "BACKEND": "unitemate.rest.counting_cache.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }
    assert cache.count("throttle_test", 30) == (0, 0)
    assert client.get("/api/queue").status_code == 200
