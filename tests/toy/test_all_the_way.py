"""A stream type with keys, declared by an application on top, works everywhere without changes elsewhere."""

import httpx
import yaml

from realtime.client import Client, State, Timing
from tests.backend import free_port
from unitemate.serving import processes

WITHIN = 20.0  # seconds; a test that waits this long has failed
QUICK = Timing(retry_low=0.01, retry_high=0.05, poll=0.1)


def source(token: str):
    async def take(renew: bool) -> str:
        return token

    return take


async def test_it_is_subscribed_to_and_a_row_written_by_sql_comes_as_a_difference(site, sign_in, make, play):
    _, token, _ = sign_in("Ann")
    tournament_id = make()
    stream = f"tournament_{tournament_id}"
    async with Client(site.socket_url, source(token)) as client:
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)
        await client.subscribe(stream)
        await client.wait_for(lambda: client.document(stream) is not None, WITHIN)
        first = {"tournament_id": tournament_id, "title": "Spring", "rounds": 0, "password": "secret"}
        assert client.document(stream) == first
        snapshots = client.counters.snapshots
        play(tournament_id)
        await client.wait_for(lambda: client.document(stream)["rounds"] == 1, WITHIN)
        assert client.document(stream) == first | {"rounds": 1}
        assert client.counters.snapshots == snapshots
        await client.unsubscribe(stream)
        await client.ping(WITHIN)
        assert client.counters.errors == 0


async def test_the_players_own_stream_gives_it(site, sign_in, make, play):
    _, token, user_id = sign_in("Organiser")
    async with Client(site.socket_url, source(token)) as client:
        await client.wait_for(lambda: client.document(f"user_{user_id}") is not None, WITHIN)
        tournament_id = make(user_id)
        stream = f"tournament_{tournament_id}"
        await client.wait_for(lambda: client.document(stream) is not None, WITHIN)
        assert client.document(f"user_{user_id}")["tournament_id"] == tournament_id
        play(tournament_id)
        await client.wait_for(lambda: client.document(stream)["rounds"] == 1, WITHIN)
        site.execute("DELETE FROM toy_tournament WHERE tournament_id = %s", tournament_id)
        await client.wait_for(lambda: client.document(stream) is None, WITHIN)


async def test_without_a_socket_it_is_polled(sign_in, make, play):
    http, token, _ = sign_in("Poller")
    tournament_id = make()
    stream = f"tournament_{tournament_id}"

    async def poll():
        fields = http.get(f"/tournaments/{tournament_id}").raise_for_status().json()
        return {stream: (fields.pop("epoch"), fields.pop("seq"), fields)}

    nowhere = f"ws://127.0.0.1:{free_port()}/ws/"
    async with Client(nowhere, source(token), poll=poll, timing=QUICK) as client:
        await client.wait_for(lambda: client.state is State.POLLING, WITHIN)
        assert client.document(stream)["rounds"] == 0
        play(tournament_id)
        await client.wait_for(lambda: client.document(stream)["rounds"] == 1, WITHIN)


def test_its_public_part_is_for_everybody(site, sign_in, make):
    path = f"/tournaments/{make()}"
    mine = sign_in("Ann")[0].get(path).json()
    others = httpx.get(f"{site.url}/api{path}").json()
    assert (mine["password"], mine["title"]) == ("secret", "Spring")
    assert others == mine | {"password": None}
    assert httpx.get(f"{site.url}/api/tournaments/none").status_code == 404


def test_it_is_whole_and_in_the_documents(site, tmp_path):
    asyncapi, openapi = tmp_path / "asyncapi.yaml", tmp_path / "openapi.yaml"
    processes.run("check", "--fail-level", "WARNING", environment=site.environment)
    processes.run("asyncapi", str(asyncapi), environment=site.environment)
    processes.run("spectacular", "--fail-on-warn", "--file", str(openapi), environment=site.environment)

    described = yaml.safe_load(asyncapi.read_text())["components"]
    fields = {"tournament_id", "title", "rounds", "password"}
    assert described["schemas"]["Tournament"]["properties"].keys() == fields
    assert "tournament_id" in described["schemas"]["Me"]["properties"]
    payloads = {name: message["payload"]["properties"] for name, message in described["messages"].items()}
    for action in ("subscribeTournament", "unsubscribeTournament"):
        assert payloads[action].keys() == {"action", "tournament_id"}
    for action in ("tournamentInfo", "tournament_found"):
        assert payloads[action]["data"]["anyOf"][0] == {"$ref": "#/components/schemas/Tournament"}
    assert "a Tournament" in payloads["tournamentUpdate"]["changes"]["description"]
    assert "tournament_id" in payloads["unsubscribed"]

    rest = yaml.safe_load(openapi.read_text())["components"]["schemas"]["Tournament"]
    assert rest["properties"].keys() == fields | {"epoch", "seq"}
    assert rest["properties"]["password"] == {"type": "string", "nullable": True}
