"""The client over hours: other clocks, answers that never come, and what happens while there is no link."""

import asyncio
import time
from dataclasses import replace

import pytest

from realtime.client import Client, State
from tests.realtime.client.fake_server import FakeServer
from tests.realtime.client.scene import QUICK, WITHIN, live, waiting


@pytest.mark.parametrize("ahead", [-7200.0, 0.0, 7200.0])
async def test_a_token_is_renewed_by_the_servers_clock(client_of, tokens, ahead):
    async def script(link):
        await link.welcome(lasts=0.2, ahead=ahead)
        await link.welcome(lasts=3600, ahead=ahead)
        await link.snapshot(1, {"total_waiting": 1})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 1, WITHIN)
        await asyncio.sleep(8 * QUICK.grace)
        assert tokens.asked == [False, True]
        assert server.connections == 1


async def test_a_token_that_seems_to_have_expired_is_not_renewed_all_the_time(client_of, tokens):
    """An older server names no time of its own, and this machine's clock is ahead."""

    async def script(link):
        await link.receive()
        await link.send(
            "welcome", user_id="u", streams=["queue", "user_u"], heartbeat=30.0, expires_at=time.time() - 99
        )
        await link.snapshot(1, {"total_waiting": 1})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 1, WITHIN)
        await asyncio.sleep(8 * QUICK.grace)
        assert tokens.asked == [False]


async def test_a_token_and_a_poll_that_never_come_are_given_up(client_of):
    """What hangs is asked for anew, so that one lost answer does not end the client."""
    asked, polled = [], []

    async def token(renew):
        asked.append(renew)
        if len(asked) in (1, 2):
            await asyncio.Event().wait()
        return "token"

    async def poll():
        polled.append(1)
        if len(polled) == 1:
            await asyncio.Event().wait()
        return {"queue": ("e", 1, {"total_waiting": 7})}

    async def refuse(link):
        await link.cut()

    timing = replace(QUICK, handshake=0.1)
    async with FakeServer(refuse) as server, Client(server.url, token, poll=poll, timing=timing) as client:
        await client.wait_for(lambda: client.state is State.POLLING and waiting(client) == 7, WITHIN)
        server.scripts.append(live)
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)


async def test_what_a_server_does_not_push_any_more_is_polled(client_of):
    polled = []

    async def poll():
        polled.append(1)
        return {"queue": ("e", 1 + len(polled), {"total_waiting": 10 + len(polled)}), "user_u": ("e", 9, {"rate": 0})}

    async def before(link):
        await live(link)
        await link.cut()

    async def after(link):
        await link.welcome(streams=["user_u"])
        await link.snapshot(10, {"rate": 1500}, stream="user_u", action="userInfo")

    async with FakeServer(before, after) as server, client_of(server, poll=poll) as client:
        await client.wait_for(lambda: (waiting(client) or 0) >= 13, WITHIN)
        assert client.state is State.LIVE
        assert client.document("user_u") == {"rate": 1500}


async def test_a_match_found_while_there_was_no_link_is_told_once(client_of):
    found = []

    async def before(link):
        await link.welcome()
        await link.snapshot(1, {"match_id": None}, stream="user_u", action="userInfo")
        await link.cut()

    async def after(link):
        await link.welcome()
        await link.snapshot(2, {"match_id": "m"}, stream="user_u", action="userInfo")
        await link.snapshot(1, {"status": "matched"}, stream="match_m", action="matchInfo")
        await link.snapshot(1, {"status": "matched"}, stream="match_of_others", action="matchInfo")
        await link.update(1, 2, {"status": "done"}, stream="match_m")
        await link.snapshot(1, {"total_waiting": 3})

    async with FakeServer(before, after) as server, client_of(server, match_found=found.append) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
        assert found == ["match_m"]


async def test_while_a_server_is_uncertain_others_are_asked_and_its_heads_say_nothing(client_of):
    polls, certain = [], asyncio.Event()

    async def poll():
        polls.append(1)
        return {"queue": ("e", 4, {"total_waiting": 4})}

    async def script(link):
        await live(link)
        await link.send("heartbeat", heads={"queue": 1}, uncertain=True)
        await certain.wait()
        await link.update(1, 2, {"total_waiting": 2})  # older than what another has answered
        await link.send("heartbeat", heads={"queue": 4})
        await link.snapshot(1, {"rate": 1500}, stream="user_u", action="userInfo")

    async with FakeServer(script) as server, client_of(server, poll=poll) as client:
        await client.wait_for(lambda: waiting(client) == 4, WITHIN)
        await asyncio.sleep(4 * QUICK.grace)
        certain.set()
        await client.wait_for(lambda: client.document("user_u") is not None, WITHIN)
        asked = len(polls)
        await asyncio.sleep(4 * QUICK.poll)
        assert len(polls) == asked
        assert (waiting(client), client.state, client.counters.resyncs) == (4, State.LIVE, 0)


async def test_an_answer_that_the_socket_has_overtaken_sets_nothing_back(client_of):
    asked, overtaken = asyncio.Event(), asyncio.Event()

    async def poll():
        asked.set()
        await overtaken.wait()
        return {"queue": ("e", 4, {"total_waiting": 4}), "user_u": ("e", 1, {"rate": 1500})}

    async def script(link):
        await live(link)
        await link.send("heartbeat", heads={"queue": 1}, uncertain=True)
        await asked.wait()
        await link.snapshot(1, {"total_waiting": 9}, epoch="f")  # the numbering has begun anew

    async with FakeServer(script) as server, client_of(server, poll=poll) as client:
        await client.wait_for(lambda: waiting(client) == 9, WITHIN)
        overtaken.set()
        await client.wait_for(lambda: client.document("user_u") is not None, WITHIN)
        assert (waiting(client), client.state) == (9, State.LIVE)
