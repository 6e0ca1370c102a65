"""The client against a scripted server: connecting, coming back, doubting, polling, giving up."""

import asyncio

import pytest

from realtime.client import Client, State, Timing
from realtime.client.types import requested_delay
from realtime.protocol import close_codes
from tests.realtime.client.fake_server import FakeServer
from tests.realtime.client.scene import QUICK, WITHIN, live, waiting


async def test_it_authenticates_mirrors_and_sends_nothing_else(client_of, tokens):
    async def script(link):
        frame = await link.welcome()
        assert frame == {"action": "authenticate", "token": "token 1", "have": {}}
        await link.snapshot(1, {"total_waiting": 3})
        await link.update(1, 2, {"total_waiting": 4})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 4, WITHIN)
        assert client.state is State.LIVE
        assert client.user_id == "u"
        assert dict(client.counters.sent) == {"authenticate": 1}
        assert (client.counters.snapshots, client.counters.updates, client.counters.frames_in) == (1, 1, 3)
    assert client.state is State.OFFLINE
    assert client.seen == [State.RECONNECTING, State.LIVE, State.OFFLINE]
    assert tokens.asked == [False]


async def test_a_lost_link_is_taken_up_again_with_what_is_held(client_of):
    have = {}

    async def lose(link):
        await live(link)
        await link.update(1, 2, {"total_waiting": 5})
        await link.socket.ping()  # what was sent has gone out
        await asyncio.sleep(0.05)
        await link.cut()

    async def again(link):
        have.update((await link.welcome())["have"])

    async with FakeServer(lose, again) as server, client_of(server) as client:
        await client.wait_for(lambda: client.counters.connects == 2 and client.state is State.LIVE, WITHIN)
        assert have == {"queue": {"epoch": "e", "seq": 2}}
        assert waiting(client) == 5
        assert client.seen == [State.RECONNECTING, State.LIVE, State.RECONNECTING, State.LIVE]


async def test_a_gap_is_repaired_by_one_resync(client_of):
    async def script(link):
        await live(link)
        await link.update(2, 3, {"total_waiting": 7})
        await link.update(3, 4, {"total_waiting": 8})
        assert await link.receive() == {"action": "resync", "stream": "queue"}
        await link.snapshot(4, {"total_waiting": 8})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 8, WITHIN)
        assert client.counters.resyncs == 1


async def test_a_lost_last_update_is_noticed_by_the_heartbeat(client_of):
    async def script(link):
        await live(link)
        await link.send("heartbeat", heads={"queue": 2})
        assert await link.receive() == {"action": "resync", "stream": "queue"}
        await link.snapshot(2, {"total_waiting": 9})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 9, WITHIN)


async def test_an_update_that_follows_its_heartbeat_is_waited_for(client_of):
    async def script(link):
        await live(link)
        await link.send("heartbeat", heads={"queue": 2})
        await link.update(1, 2, {"total_waiting": 4})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 4, WITHIN)
        await asyncio.sleep(5 * QUICK.grace)
        assert client.counters.resyncs == 0


async def test_silence_beyond_the_heartbeats_means_a_dead_link(client_of):
    async def silent(link):
        await link.welcome(heartbeat=0.05)

    async with FakeServer(silent, live) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
        assert server.connections == 2


async def test_a_refused_token_is_renewed(client_of, tokens):
    async def refuse(link):
        await link.receive()
        await link.close(close_codes.UNAUTHENTICATED.code)

    async with FakeServer(refuse, live) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
        assert tokens.asked == [False, True]


async def test_a_token_about_to_expire_is_renewed_on_the_same_socket(client_of, tokens):
    renewed = []

    async def script(link):
        await link.welcome(lasts=0.2)
        renewed.append(await link.welcome())
        await link.snapshot(1, {"total_waiting": 1})

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 1, WITHIN)
        assert renewed == [{"action": "authenticate", "token": "token 2"}]
        assert tokens.asked == [False, True]
        assert server.connections == 1


@pytest.mark.parametrize("close", [close_codes.PROTOCOL_ERROR, close_codes.FORBIDDEN, close_codes.TOO_LARGE], ids=str)
async def test_a_code_that_says_not_to_come_back_is_obeyed(client_of, close):
    async def refuse(link):
        await link.receive()
        await link.close(close.code, close.reason)

    async with FakeServer(refuse) as server, client_of(server) as client:
        await client.wait_for(lambda: client.refused is not None, WITHIN)
        await asyncio.sleep(4 * QUICK.retry_high)
        assert client.refused.code == close.code
        assert client.state is State.OFFLINE
        assert server.connections == 1


async def test_it_comes_back_when_a_restarting_server_said(client_of):
    loop = asyncio.get_running_loop()
    closed_at = []

    async def restart(link):
        await link.welcome()
        closed_at.append(loop.time())
        await link.close(close_codes.RESTARTING.code, "the server restarts; come back in 0.3 s")

    async def back(link):
        closed_at.append(loop.time())
        await live(link)

    async with FakeServer(restart, back) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
    assert closed_at[1] - closed_at[0] >= 0.3


async def test_one_connection_too_many_is_tried_again_later(client_of):
    """The others may be dead, which the server notices in a while."""
    loop = asyncio.get_running_loop()
    closed_at = []

    async def refuse(link):
        await link.receive()
        closed_at.append(loop.time())
        await link.close(close_codes.TOO_MANY.code, "too many connections; come back in 0.3 s")

    async def back(link):
        closed_at.append(loop.time())
        await live(link)

    async with FakeServer(refuse, back) as server, client_of(server) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
        assert client.refused is None
    assert closed_at[1] - closed_at[0] >= 0.3


async def test_without_a_socket_it_polls_and_it_returns_when_it_can(client_of):
    polled = []

    async def poll():
        polled.append(1)
        return {"queue": ("e", len(polled), {"total_waiting": -len(polled)})}

    async def refuse(link):
        await link.cut()

    server = FakeServer(refuse)
    async with server, client_of(server, poll=poll) as client:
        await client.wait_for(lambda: client.state is State.POLLING and (waiting(client) or 0) < -1, WITHIN)
        server.scripts.append(live)
        await client.wait_for(lambda: client.state is State.LIVE and waiting(client) == 3, WITHIN)
        rounds = len(polled)
        await asyncio.sleep(4 * QUICK.poll)
        assert len(polled) == rounds
    assert client.seen == [State.RECONNECTING, State.POLLING, State.LIVE, State.OFFLINE]


async def test_when_nothing_can_be_had_it_is_offline_and_goes_on_trying(client_of):
    async def poll():
        raise OSError("unreachable")

    async def refuse(link):
        await link.cut()

    server = FakeServer(refuse)
    async with server, client_of(server, poll=poll) as client:
        await client.wait_for(lambda: client.state is State.OFFLINE, WITHIN)
        server.scripts.append(live)
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)


async def test_a_token_that_cannot_be_had_is_asked_for_again(client_of):
    answers = [OSError("identity provider away"), "token"]

    async def token(renew):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with FakeServer(live) as server, Client(server.url, token, timing=QUICK) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)


async def test_a_match_found_is_mirrored_and_told(client_of):
    found = []

    async def script(link):
        await live(link)
        await link.snapshot(1, {"status": "matched"}, stream="match_m", action="match_found")

    async with FakeServer(script) as server, client_of(server, match_found=found.append) as client:
        await client.wait_for(lambda: bool(found), WITHIN)
        assert found == ["match_m"]
        assert client.document("match_m") == {"status": "matched"}


async def test_a_subscription_lasts_over_a_reconnect_until_it_is_given_up(client_of):
    frames, given_up = [], asyncio.Event()

    async def first(link):
        await link.welcome()
        frames.append(await link.receive())
        await link.cut()

    async def second(link):
        await link.welcome()
        frames.append(await link.receive())
        await link.snapshot(1, {"status": "done"}, stream="match_m", action="matchInfo")
        frames.append(await link.receive())
        given_up.set()

    async with FakeServer(first, second) as server, client_of(server) as client:
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)
        await client.subscribe("match_m")
        await client.wait_for(lambda: client.document("match_m") is not None, WITHIN)
        await client.unsubscribe("match_m")
        assert client.document("match_m") is None
        async with asyncio.timeout(WITHIN):
            await given_up.wait()
    asked = {"action": "subscribeMatch", "match_id": "m"}
    assert frames == [asked, asked, {"action": "unsubscribeMatch", "match_id": "m"}]


async def test_a_single_stream_is_named_by_the_action_alone_and_goes_with_the_entitlement(client_of):
    asked = []

    async def script(link):
        await link.welcome()
        asked.append(await link.receive())
        await link.snapshot(1, {"points": {}}, stream="operations", action="operationsInfo")
        await link.send("unsubscribed", stream="operations")

    seen = []
    async with FakeServer(script) as server, client_of(server, changed=seen.append) as client:
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)
        await client.subscribe("operations")
        await client.wait_for(lambda: "operations" in seen and client.document("operations") is None, WITHIN)
    assert asked == [{"action": "subscribeOperations"}]


async def test_a_ping_is_answered_after_what_was_sent_before(client_of):
    async def script(link):
        await live(link)
        assert await link.receive() == {"action": "ping"}
        await link.update(1, 2, {"total_waiting": 4})
        await link.send("pong")

    async with FakeServer(script) as server, client_of(server) as client:
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)
        await client.ping(WITHIN)
        assert waiting(client) == 4


async def test_a_callback_that_fails_costs_nothing_but_itself(client_of):
    def fail(stream):
        raise ValueError(stream)

    async with FakeServer(live) as server, client_of(server, changed=fail) as client:
        await client.wait_for(lambda: waiting(client) == 3, WITHIN)
        assert server.connections == 1


async def test_a_predicate_that_fails_fails_for_the_one_who_waits(client_of):
    def predicate():
        if waiting(client) is not None:
            raise ZeroDivisionError
        return False

    async with FakeServer(live) as server, client_of(server) as client:
        with pytest.raises(ZeroDivisionError):
            await client.wait_for(predicate, WITHIN)
        assert waiting(client) == 3


async def test_waiting_ends_in_time(client_of):
    async with FakeServer(live) as server, client_of(server) as client:
        with pytest.raises(TimeoutError):
            await client.wait_for(lambda: False, 0.01)


async def test_it_can_be_dropped_closed_and_started_again(client_of):
    async with FakeServer(live) as server:
        client = client_of(server)
        client.start()
        client.start()
        await client.wait_for(lambda: client.state is State.LIVE, WITHIN)
        client.drop()
        await client.wait_for(lambda: client.counters.connects == 2, WITHIN)
        await client.close()
        await client.close()
        client.start()
        await client.wait_for(lambda: client.counters.connects == 3, WITHIN)
        await client.close()
        assert server.connections == 3


@pytest.mark.parametrize(
    ("failures", "chance", "pause"),
    [(0, 0.0, 0.5), (0, 1.0, 2.0), (1, 1.0, 4.0), (4, 1.0, 20.0), (400, 1.0, 20.0), (400, 0.0, 0.5)],
)
def test_the_pause_before_a_reconnect_is_full_jitter_with_growing_bounds(failures, chance, pause):
    assert Timing().pause(failures, chance) == pytest.approx(pause)


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [(close_codes.RESTARTING.reason, None), ("come back in 2.5 s", 2.5), ("come back in 3 s", 3.0)],
)
def test_the_delay_in_a_close_reason_is_read(reason, seconds):
    assert requested_delay(reason) == seconds


def test_every_restart_names_a_delay():
    assert requested_delay(close_codes.restarting().reason) is not None
