"""A site with the toy, and tournaments in it."""

from itertools import count

import httpx
import pytest

from tests.site import running_site

INSERT = "INSERT INTO toy_tournament (tournament_id, title, rounds, password, organiser_id) VALUES (%s, %s, %s, %s, %s)"
_numbers = count()


@pytest.fixture(scope="session")
def site():
    with running_site("toy", DJANGO_SETTINGS_MODULE="tests.toy.settings", REALTIME_HEARTBEAT="2") as site:
        yield site


@pytest.fixture
def make(site):
    """Write a tournament by SQL: its id."""

    def write(organiser_id: str | None = None) -> str:
        tournament_id = f"t{next(_numbers)}"
        site.execute(INSERT, tournament_id, "Spring", 0, "secret", organiser_id)
        return tournament_id

    return write


@pytest.fixture
def play(site):
    """Count a round of a tournament by SQL."""
    return lambda tournament_id: site.execute(
        "UPDATE toy_tournament SET rounds = rounds + 1 WHERE tournament_id = %s", tournament_id
    )


@pytest.fixture
def sign_in(site):
    """REST as a demo player, and the player's token and id: `http, token, user_id = sign_in("Ann")`."""
    clients = []

    def enter(name: str) -> tuple[httpx.Client, str, str]:
        client = httpx.Client(base_url=f"{site.url}/api", timeout=20)
        clients.append(client)
        answer = client.post("/auth/dev/login", json={"name": name}).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {answer['token']}"
        return client, answer["token"], answer["user_id"]

    yield enter
    for client in clients:
        client.close()
