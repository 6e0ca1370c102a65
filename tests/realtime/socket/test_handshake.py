"""Handshakes that are none, on a real server: the client's fault is answered, and is no error of the server's."""

import asyncio
import logging
import socket

import pytest
import websockets

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"


def request(path: bytes = b"/ws/", fields: bytes = KEY + VERSION, method: bytes = b"GET") -> bytes:
    return method + b" " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + UPGRADE + fields + b"\r\n"


GOOD = KEY + VERSION
REQUESTS = {
    "a path that is not ASCII": request(b"/ws/\xff"),
    "a query that is not ASCII": request(b"/ws/?x=\xe3\x81\x82"),
    "a broken escape in the path": request(b"/ws/%ff%zz"),
    "an absolute address": request(b"http://[/ws/"),
    "an origin that is no address": request(fields=GOOD + b"Origin: http://[\r\n"),
    "an origin that is not ASCII": request(fields=GOOD + b"Origin: http://\xff\r\n"),
    "an origin with a bad port": request(fields=GOOD + b"Origin: http://127.0.0.1:x\r\n"),
    "no key": request(fields=VERSION),
    "a short key": request(fields=b"Sec-WebSocket-Key: eA==\r\n" + VERSION),
    "two keys": request(fields=KEY + GOOD),
    "a key that is not base64": request(fields=b"Sec-WebSocket-Key: \xff\xff\r\n" + VERSION),
    "another version": request(fields=KEY + b"Sec-WebSocket-Version: 12\r\n"),
    "another method": request(method=b"POST"),
    "a broken extension": request(fields=GOOD + b"Sec-WebSocket-Extensions: ;;=\r\n"),
    "a broken protocol": request(fields=GOOD + b"Sec-WebSocket-Protocol: ,,\xff\r\n"),
    "a field that is not ASCII": request(fields=GOOD + b"X-Name: \xff\xfe\r\n"),
    "many fields": request(fields=GOOD + b"".join(b"X-%d: y\r\n" % n for n in range(300))),
    "a large field": request(fields=GOOD + b"X-Large: " + b"x" * 20_000 + b"\r\n"),
    "a body": request(fields=GOOD + b"Content-Length: 5\r\n") + b"hello",
    "a frame behind it": request() + b"\x81\x80\0\0\0\0",
    "a broken frame behind it": request() + b"\xff\xff\xff\xff",
    "another address": request(b"/elsewhere"),
}


def talk(port: int, data: bytes) -> bytes:
    """Send, and read what is answered; the client then goes without a word."""
    with socket.create_connection(("127.0.0.1", port), 5) as link:
        link.sendall(data)
        link.settimeout(5)
        try:
            return link.recv(65536)
        except TimeoutError:
            return b""  # it is left to wait


async def test_a_broken_handshake_is_the_clients_fault(server, caplog):
    faults = {}
    for name, data in REQUESTS.items():
        caplog.clear()
        with caplog.at_level(logging.INFO):
            answer = await asyncio.to_thread(talk, server.port, data)
            await asyncio.sleep(0.05)
        logged = [(one.levelname, one.getMessage()) for one in caplog.records if one.levelno >= logging.ERROR]
        if logged or answer[9:10] not in (b"1", b"4"):
            faults[name] = (answer[:40], logged)
    assert not faults
    async with websockets.connect(server.socket_url) as client:
        assert client.response.status_code == 101


async def test_an_origin_that_is_no_address_is_not_allowed(server):
    for origin in ("http://[", "http://127.0.0.1:x", "null"):
        with pytest.raises(websockets.ConnectionClosed) as closed:
            async with websockets.connect(server.socket_url, origin=origin) as client:
                await client.recv()
        assert closed.value.rcvd.code == 4403
