"""A hundred clients that do not read, on a real server: what they cost, and how they catch up."""

import asyncio
import json
import socket
from dataclasses import replace

import pytest

from realtime.protocol import Mirror, apply
from realtime.socket import uvicorn_protocol
from tests.scenes import players
from users import tokens
from users.models import User

STALLED = 100
CHANGES = 400
FILLER = "x" * 2_000  # a change of this size fills a link soon


@pytest.fixture(autouse=True)
def _small_links(monkeypatch, settings, server):
    """So that links fill up within a test; as many of one player as the test needs."""
    monkeypatch.setattr(uvicorn_protocol, "SEND_BUFFER", 4096)
    server.engine.hub.timing = replace(server.engine.hub.timing, merge=0.0)
    settings.UNITEMATE_LIMITS = False


async def handshake(port: int, token: str) -> socket.socket:
    """A bare socket that has authenticated and reads no further than the switch of protocols."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(link, ("127.0.0.1", port))
    request = (
        f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(link, request.encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await loop.sock_recv(link, 1)
    payload = json.dumps({"action": "authenticate", "token": token}).encode()
    header = b"\x81" + (bytes([0x80 | 126]) + len(payload).to_bytes(2, "big"))
    await loop.sock_sendall(link, header + b"\0\0\0\0" + payload)  # a mask of zeros changes nothing
    return link


async def frames(link: socket.socket):
    """The text frames that come on a bare socket."""
    loop, data = asyncio.get_running_loop(), b""
    while True:
        while len(data) >= 2:
            size, start = data[1], 2
            if size == 126:
                size, start = int.from_bytes(data[2:4], "big"), 4
            if len(data) < start + size:
                break
            opcode, payload, data = data[0] & 15, data[start : start + size], data[start + size :]
            if opcode == 1:
                yield json.loads(payload)
        more = await loop.sock_recv(link, 65536)
        assert more, "the server has cut the link"
        data += more


@pytest.fixture
def token(server):
    (user,) = players(1, "Ann")
    User.objects.filter(pk=user.pk).update(subject="dev|Ann")
    return tokens.issue_dev_token("Ann")[0]


async def test_stalled_clients_cost_one_state_each_and_catch_up(server, token):
    links = [await handshake(server.port, token) for _ in range(STALLED)]
    members = None
    async with asyncio.timeout(20):
        while members is None or len(members) < STALLED:
            await asyncio.sleep(0.02)
            members = await asyncio.to_thread(server.call, lambda: members_of(server))

    def change(n: int) -> None:
        """What a relay would bring: one more change of the queue's stream."""
        server.engine.hub._take(message(server, {"total_waiting": n, "filler": f"{n}{FILLER}"}))

    for n in range(1, CHANGES + 1):
        await asyncio.to_thread(server.call, change, n)
    behind, buffered = await asyncio.to_thread(
        server.call,
        lambda: (
            [len(member.behind) for member in members_of(server)],
            [buffer(member) for member in members_of(server)],
        ),
    )
    assert behind == [1] * STALLED  # nobody has taken 800 kB, and what is owed is one state
    assert max(buffered) <= uvicorn_protocol.HIGH_WATER + 2 * len(FILLER)
    newest = await asyncio.to_thread(server.call, lambda: next(iter(members_of(server))).streams["queue"].mirror)

    async def read_to_the_end(link: socket.socket) -> int:
        mirror, seen = Mirror("", 0, None), 0
        async for frame in frames(link):
            if frame.get("stream") != "queue":
                continue
            seen += 1
            if "data" in frame:
                mirror.take_snapshot(frame["epoch"], frame["seq"], frame["data"])
            else:
                assert frame["prev"] == mirror.seq
                mirror.document, mirror.seq = apply(mirror.document, frame["changes"]), frame["seq"]
            if mirror.seq == newest.seq:
                assert mirror.document == newest.document
                return seen
        raise AssertionError

    async with asyncio.timeout(30):
        seen = await asyncio.gather(*(read_to_the_end(link) for link in links))
    assert max(seen) < CHANGES / 2  # most of what they missed came as one
    for link in links:
        link.close()


def members_of(server):
    return (
        server.engine.hub._subscriptions["queue"].stream.members
        if "queue" in server.engine.hub._subscriptions
        else set()
    )


def buffer(member) -> int:
    """Bytes that wait in the member's transport."""
    return member._write.__self__.transport.get_write_buffer_size()


def message(server, fields) -> dict:
    mirror = server.engine.hub._subscriptions["queue"].stream.mirror
    return {
        "type": "stream.update",
        "stream": "queue",
        "epoch": mirror.epoch,
        "prev": mirror.seq,
        "seq": mirror.seq + 1,
        "changes": fields,
        "timestamp": 0.0,
    }
