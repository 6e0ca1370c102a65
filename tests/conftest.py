"""Fixtures that every folder of tests may use."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: nothing here is about how long an example takes.
settings.register_profile("long_transaction", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("long_transaction")


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once():
    """Let WhiteNoise look for the static files once: each new client would have it go through all of them again."""
    from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: PLC0415  (Django is set up by now)

    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def find_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files = found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_in_one_round():
    """Hash passwords as ever, but without what is to slow down who guesses them."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_address_for_all_tests():
    """Let no test be refused for the address that all of them call from; tests of throttles set rates of their own."""
    from rest_framework.throttling import SimpleRateThrottle  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        rates = SimpleRateThrottle.THROTTLE_RATES | {"address": "1000000/min"}
        patch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
        yield


@pytest.fixture
def make_user(db):
    """Make a user: `make_user("Ann", rate=1600)`; the subject is unique to each call."""
    from tests.scenes import private  # noqa: PLC0415  (Django is set up by now)
    from users.models import User  # noqa: PLC0415

    made = []

    def make(name: str = "player", **fields) -> User:
        made.append(name)
        fields.setdefault("max_rate", max(1500, fields.get("rate", 1500)))
        fields.setdefault("rating_mean", fields.get("rate", 1500))
        return User.objects.create(**private(f"{name}-{len(made)}") | {"trainer_name": name} | fields)

    return make


@pytest.fixture
def ann(db):
    """A player."""
    from tests.scenes import players  # noqa: PLC0415

    return players(1, "Ann")[0]


@pytest.fixture
def badge(db):
    """A badge that nobody owns."""
    from users.models import Badge  # noqa: PLC0415

    return Badge.objects.create(badge_id="first", name="First")


@pytest.fixture
def api():
    """REST as a user, or as nobody: `api(user).get("/api/queue")`."""
    from rest_framework.test import APIClient  # noqa: PLC0415

    def client(user=None) -> APIClient:
        caller = APIClient()
        caller.default_format = "json"
        caller.force_authenticate(user)
        return caller

    return client


@pytest.fixture
def server(transactional_db):
    """A real server on the test's database; see `tests.live`."""
    from tests.live import running_server  # noqa: PLC0415

    with running_server() as server:
        yield server
