"""Random and mutated frames: no crash, an answer that fits, and nothing kept.

Most go to the real consumer through ASGI in this process, which needs no database, so that once is
enough; some go over real sockets, and some bytes are no WebSocket frames at all.
"""

import asyncio
import gc
import json
import random
import socket
import tracemalloc
from collections import Counter
from types import SimpleNamespace

import pytest
import websockets

from realtime.delivery.hub import Hub, HubTiming
from realtime.delivery.store import Recent
from realtime.identity import Identity, Rejected
from realtime.protocol import Mirror
from realtime.protocol.frames import payload
from realtime.socket import admission, consumer
from realtime.socket.admission import ConnectionLimits, TokenBucket
from realtime.socket.heartbeat import HeartbeatSender
from realtime.socket.uvicorn_protocol import EXTENSION
from tests.scenes import players
from tests.waiting import on_database
from users import tokens

FRAMES = 100_000
OVER_SOCKETS = 3_000
KEPT = 100_000
"""Bytes by which memory may differ after all frames: what caches and counters may take."""
CODES = {"bad_request", "unknown_action", "forbidden", "not_found", "rate_limited", "too_large"}
VALID = [
    {"action": "ping"},
    {"action": "askQueueInfo"},
    {"action": "resync", "stream": "queue"},
    {"action": "resync", "stream": "user_ann"},
    {"action": "resync", "stream": "match_none"},
    {"action": "subscribeMatch", "match_id": "mine"},
    {"action": "subscribeMatch", "match_id": "other"},
    {"action": "unsubscribeMatch", "match_id": "mine"},
    {"action": "subscribeOperations"},
    {"action": "unsubscribeOperations"},
    {"action": "authenticate", "token": "good"},
    {"action": "authenticate", "token": "good", "have": {"queue": {"epoch": "e", "seq": 1}}},
]
ANSWERS = {
    "ping": {"pong"},
    "askQueueInfo": {"queueInfo"},
    "resync": {"queueInfo", "userInfo", "matchInfo"},
    "subscribeMatch": {"matchInfo"},
    "unsubscribeMatch": {"unsubscribed"},
    "subscribeOperations": {"operationsInfo"},
    "unsubscribeOperations": {"unsubscribed"},
    "authenticate": {"welcome", "queueInfo", "userInfo", "matchInfo"},
}
ODD = [None, True, 0, -1, 2**70, 1e308, "", "x" * 300, "\x00", "\ud7ff", [], {}, [[]], {"a": {}}, {"queue": 1}]


class Mutator:
    """Makes frames: some quite random, most a valid one with a little wrong."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def frame(self) -> str | bytes:
        kind = self.chance.random()
        if kind < 0.1:
            return bytes(self.chance.randrange(256) for _ in range(self.chance.randrange(40)))
        if kind < 0.2:
            return "".join(chr(self.chance.choice([*range(32, 127), 0, 0x3042, 0x1F600])) for _ in range(30))
        if kind < 0.22:
            return self.chance.choice("[{") * self.chance.choice([10, 5_000, 20_000])
        frame = dict(self.chance.choice(VALID))
        if kind < 0.5:
            self._change_fields(frame)
        text = json.dumps(frame)
        return self._change_letters(text) if kind > 0.75 else text

    def _change_fields(self, frame: dict) -> None:
        for _ in range(self.chance.randrange(1, 3)):
            key = self.chance.choice([*frame, "extra"])
            if self.chance.random() < 0.3:
                frame.pop(key, None)
            else:
                frame[key] = self.chance.choice(ODD)

    def _change_letters(self, text: str) -> str:
        letters = list(text)
        for _ in range(self.chance.randrange(1, 4)):
            at = self.chance.randrange(len(letters))
            change = self.chance.randrange(3)
            if change == 0:
                del letters[at : at + self.chance.randrange(1, 4)]
            elif change == 1:
                letters.insert(at, self.chance.choice('{}[]",:\\0aé'))
            else:
                letters[at] = chr(self.chance.randrange(32, 127))
            letters = letters or [" "]
        return "".join(letters)


def asked(frame: str | bytes) -> str | None:
    """The action that a frame names; None if it is not a plain object that names one."""
    try:
        action = json.loads(frame)["action"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return action if isinstance(action, str) else None


class Store:
    """Any stream, empty."""

    async def snapshot(self, stream: str) -> Mirror:
        return Mirror("e", 1, {"of": stream})

    async def recent(self, seconds: float) -> Recent:
        return Recent([], 0.0)


class Layer:
    async def new_channel(self) -> str:
        return "specific"

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    async def receive(self, channel: str):
        await asyncio.Event().wait()


class Socket:
    """A connection to the consumer: what an ASGI server does, and no more."""

    def __init__(self, engine) -> None:
        self.out: list[dict] = []
        self.closed: int | None = None
        self.bucket = TokenBucket(0.0)
        self.heard_at = 0.0
        self._inbox: asyncio.Queue = asyncio.Queue()
        self._asks = asyncio.Event()
        scope = {
            "type": "websocket",
            "path": "/ws/",
            "headers": [],
            "client": ("127.0.0.1", 1),
            "extensions": {EXTENSION: self},
            "state": {"realtime": engine},
        }
        self._task = asyncio.create_task(consumer.RealtimeConsumer.as_asgi()(scope, self._receive, self._send))
        self._task.add_done_callback(lambda task: self._asks.set())  # it must not, but a test must not hang

    # The server's side: `realtime.delivery.connection.FrameWriter` and ASGI.

    def transmit(self, frame: bytes) -> None:
        self.out.append(json.loads(payload(frame)))

    write_frame = transmit

    def on_writable(self, callback) -> None: ...

    def abort_later(self) -> None: ...

    async def _receive(self) -> dict:
        if self._inbox.empty():
            self._asks.set()
        return await self._inbox.get()

    async def _send(self, message: dict) -> None:
        if message["type"] == "websocket.close":
            self.closed = message["code"]

    # The test's side.

    async def open(self, *, authenticated: bool) -> "Socket":
        await self._serve({"type": "websocket.connect"})
        if authenticated:
            await self.send('{"action":"authenticate","token":"good"}')
        return self

    async def send(self, frame: str | bytes) -> list[dict]:
        """Send a frame and return the answers."""
        self.out = []
        await self._serve({"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame})
        return self.out

    async def _serve(self, message: dict) -> None:
        self._asks.clear()
        self._inbox.put_nowait(message)
        await self._asks.wait()
        assert not self._task.done(), self._task
        await asyncio.sleep(0)

    async def close(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 10)


@pytest.fixture
async def engine(monkeypatch):
    """The consumer's surroundings without a database: one player, one match that is theirs."""

    async def identify(token: str) -> Identity | Rejected:
        return Identity("ann", float(2**40)) if token == "good" else Rejected(4401, "no")

    monkeypatch.setattr(consumer.STREAM_TYPES["match"], "admission", lambda identity, keys: {"mine"} & set(keys))
    monkeypatch.setattr(consumer.STREAM_TYPES["match"], "stay", None)
    monkeypatch.setattr(admission, "BURST", 10**9)
    presence = SimpleNamespace(arrived=lambda owner: None, left=lambda owner: None)
    engine = SimpleNamespace(
        hub=Hub(Layer(), Store(), HubTiming(confirm_every=0.0)),
        limits=ConnectionLimits(),
        heartbeats=HeartbeatSender(),
        presence=presence,
        identify=identify,
    )
    await engine.hub.start()
    yield engine
    await engine.hub.stop()


def fits(frame: str | bytes, answers: list[dict]) -> bool:
    """Whether these are answers that this frame may have."""
    if [answer["action"] for answer in answers] == ["error"]:
        return answers[0]["code"] in CODES and set(answers[0]) == {"action", "code", "detail", "ref"}
    # JSON lets the same text name its action in several ways; what is answered is one that it names.
    allowed = ANSWERS.get(asked(frame), set())
    return bool(answers) and {answer["action"] for answer in answers} <= allowed


@pytest.mark.sqlite
@pytest.mark.timeout(600)
async def test_a_hundred_thousand_frames_are_answered_and_leave_nothing_behind(engine):
    mutator = Mutator(1)
    seen: Counter[str] = Counter()
    client = await Socket(engine).open(authenticated=True)

    async def feed(number: int) -> None:
        nonlocal client
        for _ in range(number):
            frame = mutator.frame()
            answers = await client.send(frame)
            if client.closed is not None:
                assert client.closed == 4401, frame  # a token that is none, in the midst of a session
                assert asked(frame) == "authenticate"
                await client.close()
                client = await Socket(engine).open(authenticated=True)
                seen["closed"] += 1
            else:
                assert fits(frame, answers), (frame, answers)
                seen[answers[0].get("code", "answered")] += 1

    await feed(FRAMES * 8 // 10)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    await feed(FRAMES * 2 // 10)
    await client.close()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < KEPT, f"{after - before} bytes are kept"
    assert set(seen) >= {"answered", "closed", "bad_request", "unknown_action", "forbidden", "not_found", "too_large"}
    assert not engine.limits._owners
    assert not engine.limits._handshakes
    assert not list(engine.heartbeats.connections())


@pytest.mark.sqlite
async def test_what_comes_before_authenticate_closes_whatever_it_is(engine):
    mutator = Mutator(2)
    for _ in range(5_000):
        client = await Socket(engine).open(authenticated=False)
        frame = mutator.frame()
        answers = await client.send(frame)
        if asked(frame) == "authenticate" and answers:
            assert answers[0]["action"] == "welcome"
        else:
            assert client.closed in (4400, 4401), frame
            assert answers == []
        await client.close()
    assert not engine.limits._owners
    assert not engine.limits._handshakes


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "bad_request"),
        ("null", "bad_request"),
        ('{"action":null}', "bad_request"),
        ('{"action":"ping"', "bad_request"),
        ('{"action":"ping"}{}', "bad_request"),
        ('{"action":"ping","a":NaN}', "bad_request"),
        ('{"action":"resync","stream":"' + "x" * 81 + '"}', "bad_request"),
        ('{"action":"resync","stream":"match_mine"}', "not_found"),
        ('{"action":"subscribeMatch","match_id":"other"}', "forbidden"),
        ('{"action":"subscribematch","match_id":"mine"}', "unknown_action"),
        ('{"action":"authenticate","token":"good","have":{"queue":{"epoch":"e","seq":-1}}}', "bad_request"),
        ('{"action":"ping","a":"' + "x" * 17_000 + '"}', "too_large"),
        (b'{"action":"ping"}', "bad_request"),
    ],
)
async def test_each_fault_has_its_code(engine, frame, code):
    client = await Socket(engine).open(authenticated=True)
    (answer,) = await client.send(frame)
    assert (answer["action"], answer["code"]) == ("error", code)
    await client.close()


# --- over real sockets ---------------------------------------------------------------------------


@pytest.fixture
async def token(server, monkeypatch):
    monkeypatch.setattr(admission, "BURST", 10**9)
    return await on_database(a_token)()


def a_token() -> str:
    (user,) = players(1, "Ann")
    type(user).objects.filter(pk=user.pk).update(subject="dev|Ann 0")
    return tokens.issue_dev_token("Ann 0")[0]


async def test_thousands_of_frames_over_a_real_socket(server, token):
    mutator = Mutator(3)
    sent, codes = 0, set()
    while sent < OVER_SOCKETS:
        async with websockets.connect(server.socket_url) as client:
            await client.send(json.dumps({"action": "authenticate", "token": token}))
            try:
                while sent < OVER_SOCKETS:
                    frame = mutator.frame()
                    sent += 1
                    await client.send(frame.encode("utf-8", "replace").decode() if isinstance(frame, str) else frame)
                    await client.send('{"action":"ping"}')
                    async with asyncio.timeout(10):
                        while json.loads(await client.recv())["action"] != "pong":
                            pass
            except websockets.ConnectionClosed as closed:
                codes.add(closed.rcvd.code)
    assert codes == {4401}
    assert await is_serving(server, token)


async def test_bytes_that_are_no_frames_end_their_own_connection_alone(server, token):
    chance = random.Random(4)
    request = (
        b"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )

    def talk() -> None:
        for index in range(300):
            with socket.create_connection(("127.0.0.1", server.port), 10) as link:
                noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 300)))
                if index % 3 == 0:
                    link.sendall(noise)
                else:
                    link.sendall(request)
                    link.recv(65536)
                    link.sendall(noise)

    await asyncio.to_thread(talk)
    assert await is_serving(server, token)


async def is_serving(server, token: str) -> bool:
    async with websockets.connect(server.socket_url) as client:
        await client.send(json.dumps({"action": "authenticate", "token": token}))
        async with asyncio.timeout(10):
            return json.loads(await client.recv())["action"] == "welcome"
