"""What ends a connection's rights, and what a connection may take of the server; on a real server."""

import secrets

import pytest
import websockets
from django.utils import timezone

from matches.models import Match
from realtime.socket import admission
from realtime.streams import STREAM_TYPES
from tests.realtime.sockets import Client, opened, token_of
from tests.scenes import make_match, players
from tests.waiting import on_database
from users.models import User
from users.services import account_delete, profile_update, user_ban


@pytest.fixture
def ann(server):
    return players(1, "Ann")[0]


# --- where the player's own stream is not pushed -------------------------------------------------


@pytest.fixture
def unpushed(server, settings):
    """The operator has switched the pushing of own streams off."""
    settings.REALTIME_PUSH = settings.REALTIME_PUSH | {"user": False}
    settings.REALTIME_HEARTBEAT = 0.2


@pytest.mark.usefixtures("unpushed")
async def test_a_stream_that_is_switched_off_is_not_sent(server, ann):
    async with opened(server) as client:
        welcome = await client.authenticate(await token_of(ann))
        assert welcome["streams"] == ["queue"]
        await client.next("queueInfo")
        await on_database(profile_update)(user=ann, bio="hello")
        for _ in range(3):  # the change is there by now
            frame = await client.next()
            assert frame["action"] == "heartbeat"
            assert set(frame["heads"]) == {"queue"}
        await client.send(action="resync", stream=f"user_{ann.user_id}")
        assert (await client.next("error"))["code"] == "not_found"


@pytest.mark.usefixtures("unpushed")
@pytest.mark.parametrize("end", ["ban", "delete"])
async def test_what_shuts_a_player_out_closes_the_socket_all_the_same(server, ann, end):
    async with opened(server, await token_of(ann)) as client:
        await client.next("queueInfo")
        if end == "ban":
            await on_database(user_ban)(user=ann, reason="test")
        else:
            await on_database(account_delete)(user=ann)
        assert await client.closed() == 4403


@pytest.mark.usefixtures("unpushed")
async def test_who_leaves_the_staff_loses_what_that_opened_all_the_same(server, ann):
    match = await on_database(make_match)()
    await on_database(User.objects.filter(pk=ann.pk).update)(is_staff=True)
    async with opened(server, await token_of(ann)) as client:
        await client.send(action="subscribeMatch", match_id=match.match_id)
        await client.next("matchInfo")
        await on_database(User.objects.filter(pk=ann.pk).update)(is_staff=False)
        assert (await client.next("unsubscribed"))["match_id"] == match.match_id
        await client.send(action="subscribeMatch", match_id=match.match_id)
        assert (await client.next("error"))["code"] == "forbidden"


# --- how much one may take -----------------------------------------------------------------------


async def test_with_one_connection_too_many_the_newest_comes_in_and_the_longest_silent_goes(server, ann):
    server.engine.limits.connections_per_owner = 2
    token = await token_of(ann)
    async with opened(server, token) as first, opened(server, token) as second, opened(server, token) as third:
        assert await first.closed() == 4409
        assert "come back in" in first.socket.close_reason  # room may be found when the dead have been noticed
        for client in (second, third):
            await client.send(action="ping")
            assert await client.next("pong")


async def test_coming_again_and_again_ends_in_a_connection(server, ann):
    """A train: eleven links are lost without a word before the first of them is noticed."""
    token = await token_of(ann)
    lost = []
    for _ in range(admission.CONNECTIONS_PER_OWNER + 1):
        socket = await websockets.connect(server.socket_url)
        lost.append(socket)
        welcomed = await Client(socket).authenticate(token)
        assert welcomed["user_id"] == ann.user_id
    for socket in lost:
        await socket.close()


def made_up(number: int) -> dict:
    """Positions in matches that there are not."""
    return {f"match_{secrets.token_hex(8)}": {"epoch": "e", "seq": 1} for _ in range(number)}


async def test_many_positions_are_looked_up_by_one_question(server, ann, monkeypatch):
    match = await on_database(make_match)([ann, *(await on_database(players)(9))])
    over = {"status": "done", "phase": "done", "result": "invalid", "closed_at": timezone.now()}
    await on_database(Match.objects.filter(pk=match.pk).update)(**over)
    asked, admit = [], STREAM_TYPES["match"].admission
    monkeypatch.setattr(
        STREAM_TYPES["match"], "admission", lambda who, keys: asked.append(len(keys)) or admit(who, keys)
    )
    have = made_up(60) | {f"match_{match.match_id}": {"epoch": "e", "seq": 1}}
    async with opened(server, await token_of(ann), have) as client:
        assert (await client.next("matchInfo"))["stream"] == f"match_{match.match_id}"
        assert asked == [61]


async def test_many_positions_weigh_as_much_as_several_frames(server, ann):
    token = await token_of(ann)
    async with opened(server, token) as client:
        weight = 1 + 64 / admission.POSITIONS_PER_FRAME
        served = int((admission.BURST - 1) // weight)
        for _ in range(served + 1):
            await client.send(action="authenticate", token=token, have=made_up(64))
        for _ in range(served):
            await client.next("welcome")
        error = await client.next("error")
        assert (error["code"], error["ref"]) == ("rate_limited", "authenticate")


async def test_control_frames_count_as_frames_do(server, ann):
    async with opened(server, await token_of(ann)) as client:
        for _ in range(admission.BURST + admission.WARNINGS + 1):
            await client.socket.ping()
        assert await client.closed() == 4429


async def test_text_that_is_none_is_closed_with_its_own_code(server, ann):
    async with opened(server, await token_of(ann)) as client:
        await client.socket.send(b"\xff", text=True)
        assert await client.closed() == 1007
