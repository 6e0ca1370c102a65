"""The socket of a real server, as a client sees it: handshake, frames, errors, close codes."""

import asyncio
import json
import time
from functools import partial

import jwt
import pytest
import websockets

from realtime import identity
from realtime.protocol import close_codes
from realtime.socket import admission
from tests.live import LiveServer, running_server
from tests.realtime.sockets import opened, token_of
from tests.scenes import make_match, players
from tests.waiting import on_database
from users.models import User
from users.services import account_delete, profile_update, user_ban


@pytest.fixture(params=[None, "websockets-sansio"], ids=["finished frames", "ASGI send"])
def server(transactional_db, request):
    """The service's own server, and one that has not the extension for finished frames."""
    with running_server(request.param) as server:
        yield server


@pytest.fixture
def connect(server: LiveServer):
    return partial(opened, server)


@pytest.fixture
def ann(server):
    return players(1, "Ann")[0]


# --- coming in -----------------------------------------------------------------------------------


async def test_a_welcome_and_the_snapshots_follow_authenticate(connect, ann):
    async with connect() as client:
        welcome = await client.authenticate(await token_of(ann))
        assert welcome["user_id"] == ann.user_id
        assert welcome["streams"] == ["queue", f"user_{ann.user_id}"]
        assert welcome["expires_at"] > time.time()
        snapshots = [await client.next("queueInfo", "userInfo") for _ in range(2)]
        assert {frame["action"] for frame in snapshots} == {"queueInfo", "userInfo"}
        assert client.mirrors[f"user_{ann.user_id}"]["trainer_name"] == "Ann 0"


async def test_a_client_that_has_the_state_gets_only_the_welcome(connect, ann):
    token = await token_of(ann)
    async with connect(token) as client:
        have = {}
        for _ in range(2):
            frame = await client.next("queueInfo", "userInfo")
            have[frame["stream"]] = {"epoch": frame["epoch"], "seq": frame["seq"]}
    async with connect(token, have) as client:
        await client.send(action="ping")
        assert (await client.next())["action"] == "pong"


async def test_a_client_that_says_nothing_is_closed_in_time(connect, server):
    server.engine.limits.authenticate_within = 0.2
    async with connect() as client:
        assert await client.closed() == 4408


async def test_a_client_whose_token_takes_long_to_verify_is_not_closed(connect, server, ann, monkeypatch):
    token = await token_of(ann)
    server.engine.limits.authenticate_within = 0.5
    verify = identity._authenticator

    def slowly(tokens):
        time.sleep(0.8)
        return verify(tokens)

    monkeypatch.setattr(identity, "_authenticator", slowly)
    async with connect() as client:
        assert (await client.authenticate(token))["user_id"] == ann.user_id


async def test_nothing_but_authenticate_is_answered_first(connect):
    others = ['{"action":"ping"}', '{"action":"resync","stream":"queue"}', '{"action":"authenticate"}']
    for first in ["", "nonsense", "[]", b"x", *others]:
        async with connect() as client:
            await client.socket.send(first)
            assert await client.closed() == 4400, first


async def test_a_bad_or_expired_token_is_refused(connect, ann):
    expired = await token_of(ann, lifetime=-10)
    forged = jwt.encode({"sub": "dev|Ann 0", "iss": "unitemate-dev", "exp": time.time() + 60}, "k" * 32)
    for token in ("", "nonsense", expired, forged):
        async with connect() as client:
            await client.send(action="authenticate", token=token)
            assert await client.closed() == 4401


async def test_only_the_own_origin_is_let_in(connect, server, ann):
    token = await token_of(ann)
    for origin in (None, server.url):
        async with connect(token, origin=origin):
            pass
    for origin in ("https://evil.example", "null", "http://127.0.0.1.example", "http://127.0.0.1"):
        async with connect(origin=origin) as client:
            assert (await client.closed(), client.socket.close_reason) == (4403, close_codes.FOREIGN_ORIGIN.reason), (
                origin
            )


async def test_other_addresses_have_no_socket(server):
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(server.socket_url + "other")


async def test_too_many_silent_sockets_of_one_address_are_refused(connect, server):
    server.engine.limits.handshakes_per_address = 1
    async with connect(), connect() as second:
        assert await second.closed() == 4409


async def test_a_banned_player_is_refused(connect, ann):
    token = await token_of(ann)
    await on_database(user_ban)(user=ann, reason="test")
    async with connect() as client:
        await client.send(action="authenticate", token=token)
        assert await client.closed() == 4403


# --- staying -------------------------------------------------------------------------------------


async def test_a_change_reaches_its_own_player_alone(connect, ann, server):
    ben = (await on_database(players)(1, "Ben"))[0]
    async with connect(await token_of(ann)) as anns, connect(await token_of(ben)) as bens:
        await anns.next("userInfo")
        await bens.next("userInfo")
        await on_database(profile_update)(user=ann, bio="hello")
        update = await anns.next("user_update")
        assert update["changes"] == {"bio": "hello"}
        assert update["seq"] == update["prev"] + 1
        await bens.send(action="ping")
        assert (await bens.next("user_update", "pong"))["action"] == "pong"


async def test_asking_brings_snapshots(connect, ann):
    async with connect(await token_of(ann)) as client:
        await client.next("userInfo")
        await client.send(action="askQueueInfo")
        assert (await client.next("queueInfo"))["stream"] == "queue"
        await client.send(action="resync", stream=f"user_{ann.user_id}")
        assert (await client.next("userInfo"))["data"]["user_id"] == ann.user_id


BAD_FRAMES = [
    ('{"action":"nope"}', "unknown_action"),
    ('{"action":"subscribeQueue","match_id":"x"}', "unknown_action"),
    ('{"action":"subscribeUser","match_id":"x"}', "unknown_action"),
    ('{"action":"__class__"}', "unknown_action"),
    ('{"action":"disconnect"}', "unknown_action"),
    ("nonsense", "bad_request"),
    ("[" * 9000, "bad_request"),
    (b"\x00\xff", "bad_request"),
    ('{"action":"ping","more":1}', "bad_request"),
    ('{"action":"askQueueInfo","more":1}', "bad_request"),
    ('{"action":"resync"}', "bad_request"),
    ('{"action":"resync","stream":7}', "bad_request"),
    ('{"action":"resync","stream":"queue_x"}', "not_found"),
    ('{"action":"resync","stream":"user_somebodyelse"}', "not_found"),
    ('{"action":"subscribeMatch"}', "bad_request"),
    ('{"action":"subscribeMatch","match_id":["x"]}', "bad_request"),
    ('{"action":"subscribeMatch","match_id":"\\u0000"}', "forbidden"),
    ('{"action":"subscribeMatch","match_id":"aaaaaaaaaaaaaaaa"}', "forbidden"),
    ('{"action":"authenticate","token":7}', "bad_request"),
    (json.dumps({"action": "ping", "x": "y" * 20_000}), "too_large"),
]


async def test_a_bad_frame_is_answered_and_the_socket_stays(connect, ann, monkeypatch):
    monkeypatch.setattr(admission, "BURST", 10_000)
    async with connect(await token_of(ann)) as client:
        for frame, code in BAD_FRAMES:
            await client.socket.send(frame)
            assert (await client.next("error"))["code"] == code, frame
            await client.send(action="ping")
            assert await client.next("pong")


async def test_a_frame_beyond_the_limit_closes(connect, ann):
    async with connect(await token_of(ann)) as client:
        await client.socket.send("x" * 70_000)
        assert await client.closed() == 1009


async def test_a_flood_is_told_off_and_then_closed(connect, ann):
    async with connect(await token_of(ann)) as client:
        for _ in range(admission.BURST + admission.WARNINGS + 5):
            await client.send(action="ping")
        assert (await client.next("error"))["code"] == "rate_limited"
        assert await client.closed() == 4429


async def test_the_heartbeat_tells_the_heads(connect, ann, settings):
    settings.REALTIME_HEARTBEAT = 0.2
    async with connect(await token_of(ann)) as client:
        seqs = {}
        for _ in range(2):
            frame = await client.next("queueInfo", "userInfo")
            seqs[frame["stream"]] = frame["seq"]
        assert (await client.next("heartbeat"))["heads"] == seqs


# --- matches -------------------------------------------------------------------------------------


async def test_match_found_comes_on_every_connection_of_the_ten_and_subscribes(connect, ann):
    ten = [ann, *(await on_database(players)(9))]
    token = await token_of(ann)
    async with connect(token) as phone, connect(token) as desktop:
        for client in (phone, desktop):
            await client.next("userInfo")  # a match from before that is not found, it is there: matchInfo
        match = await on_database(make_match)(ten)
        for client in (phone, desktop):
            found = await client.next("match_found")
            assert found["stream"] == f"match_{match.match_id}"
            assert len(found["data"]["players"]) == 10
            assert client.mirrors[f"user_{ann.user_id}"]["match_id"] == match.match_id
        await on_database(profile_update)(user=ten[3], trainer_name="renamed")
        for client in (phone, desktop):
            while client.mirrors[found["stream"]]["players"][ten[3].user_id]["trainer_name"] != "renamed":
                await client.next("matchUpdate")


async def test_an_open_match_is_given_on_connecting(connect, ann):
    ten = [ann, *(await on_database(players)(9))]
    match = await on_database(make_match)(ten)
    async with connect(await token_of(ann)) as client:
        assert (await client.next("matchInfo", "match_found"))["action"] == "matchInfo"
        await client.send(action="unsubscribeMatch", match_id=match.match_id)
        assert (await client.next("unsubscribed"))["match_id"] == match.match_id
        await client.send(action="subscribeMatch", match_id=match.match_id)
        assert (await client.next("matchInfo"))["data"]["match_id"] == match.match_id


async def test_a_match_is_closed_to_others_and_open_to_staff(connect, ann):
    match = await on_database(make_match)()
    async with connect(await token_of(ann)) as client:
        await client.send(action="subscribeMatch", match_id=match.match_id)
        assert (await client.next("error"))["code"] == "forbidden"
        have = {f"match_{match.match_id}": {"epoch": "e", "seq": 0}}
        await client.send(action="authenticate", token=await token_of(ann), have=have)
        await client.next("welcome")
        await client.send(action="ping")
        assert (await client.next("matchInfo", "pong"))["action"] == "pong"
    (chief,) = await on_database(players)(1, "Chief")
    await on_database(User.objects.filter(pk=chief.pk).update)(is_staff=True)
    async with connect(await token_of(chief)) as client:
        await client.send(action="subscribeMatch", match_id=match.match_id)
        assert (await client.next("matchInfo"))["data"]["match_id"] == match.match_id


async def test_who_leaves_the_staff_loses_what_that_opened_on_the_open_socket(connect, ann):
    match = await on_database(make_match)()
    async with connect(await token_of(ann)) as client:
        await client.next("userInfo")
        await on_database(User.objects.filter(pk=ann.pk).update)(is_staff=True)
        assert (await client.next("user_update"))["changes"] == {"is_staff": True}
        await client.send(action="subscribeMatch", match_id=match.match_id)
        await client.next("matchInfo")
        await on_database(User.objects.filter(pk=ann.pk).update)(is_staff=False)
        assert (await client.next("unsubscribed"))["match_id"] == match.match_id
        await client.send(action="subscribeMatch", match_id=match.match_id)
        assert (await client.next("error"))["code"] == "forbidden"


# --- going ---------------------------------------------------------------------------------------


async def test_a_ban_ends_the_session_at_once(connect, ann):
    async with connect(await token_of(ann)) as client:
        await client.next("userInfo")
        await on_database(user_ban)(user=ann, reason="test")
        assert await client.closed() == 4403


async def test_a_deleted_account_ends_the_session(connect, ann):
    async with connect(await token_of(ann)) as client:
        await client.next("userInfo")
        await on_database(account_delete)(user=ann)
        assert await client.closed() == 4403


async def test_the_session_ends_with_its_token(connect, ann):
    async with connect(await token_of(ann, lifetime=1.2)) as client:
        assert await client.closed() == 4401


async def test_a_fresh_token_extends_the_session_and_costs_no_snapshots(connect, ann):
    async with connect() as client:
        first = await client.authenticate(await token_of(ann, lifetime=4))
        await client.next("userInfo")
        again = await client.authenticate(await token_of(ann, lifetime=600))
        assert again["expires_at"] > time.time() + 60
        while time.time() < first["expires_at"] + 0.5:
            await client.send(action="ping")
            assert (await client.next("pong", "queueInfo", "userInfo"))["action"] == "pong"
            await asyncio.sleep(0.5)


async def test_somebody_elses_token_does_not_take_the_session_over(connect, ann):
    ben = (await on_database(players)(1, "Ben"))[0]
    async with connect(await token_of(ann)) as client:
        await client.send(action="authenticate", token=await token_of(ben))
        assert (await client.next("error"))["code"] == "forbidden"


async def test_a_failing_server_sends_the_client_away_to_come_back(connect, ann, monkeypatch):
    token = await token_of(ann)

    def fail(token):
        raise ConnectionError

    monkeypatch.setattr(identity, "_authenticator", fail)
    async with connect() as client:
        await client.send(action="authenticate", token=token)
        assert await client.closed() == 1012
    monkeypatch.undo()
    async with connect(token):
        pass


async def test_a_server_that_stops_says_when_to_come_back(connect, ann, server):
    async with connect(await token_of(ann)) as client:
        server.stop()
        assert await client.closed() == 1012
        assert "come back in" in client.socket.close_reason
