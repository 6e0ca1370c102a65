"""Requests that two servers could read differently: what nginx makes of them, as seen in a worker's place."""

import re
import socket
import ssl
import threading

import pytest

from tests.deploy import proxy

pytestmark = pytest.mark.sqlite  # once; no database has a part in it
GOOD = b"GET /good HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Listener(threading.Thread):
    """Keeps what arrives on each connection, and answers each once the other side has paused."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.received: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            with link:
                link.settimeout(0.2)
                data = b""
                try:
                    while chunk := link.recv(65536):
                        data += chunk
                except TimeoutError:
                    self.received.append(data)
                    link.sendall(ANSWER)
                else:
                    self.received.append(data)

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """nginx before a listener, as `front.listener`."""
    proxy.nginx()
    listener = Listener()
    listener.start()
    with proxy.running(tmp_path_factory.mktemp("nginx"), [listener.port]) as nginx:
        nginx.listener = listener
        yield nginx
    listener.stop()


@pytest.fixture
def send(front):
    """Send bytes over a TLS connection of their own; what came back, and what reached the listener."""
    front.listener.received.clear()
    context = ssl.create_default_context(cafile=str(front.certificate))

    def send(data: bytes) -> tuple[bytes, list[bytes]]:
        link = socket.create_connection(("127.0.0.1", front.port), timeout=10)
        with context.wrap_socket(link, server_hostname=proxy.NAME) as secure:
            secure.sendall(data)
            secure.settimeout(1.0)
            answer = b""
            try:
                while chunk := secure.recv(65536):
                    answer += chunk
            except (TimeoutError, ConnectionResetError):
                pass
        return answer, list(front.listener.received)

    return send


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((b"POST /good HTTP/1.1", b"Host: localhost", *headers, b"", b"")) + body


CHUNKED = b"0\r\n\r\n"
REFUSED = {
    "both lengths": post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=CHUNKED + SMUGGLED),
    "both, the other way": post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=CHUNKED + SMUGGLED),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 44", body=SMUGGLED),
    "a list of lengths": post(b"Content-Length: 0, 44", body=SMUGGLED),
    "a negative length": post(b"Content-Length: -1", body=SMUGGLED),
    "a signed length": post(b"Content-Length: +44", body=SMUGGLED),
    "an unknown coding": post(b"Transfer-Encoding: xchunked", body=CHUNKED + SMUGGLED),
    "two codings": post(b"Transfer-Encoding: chunked, identity", body=CHUNKED + SMUGGLED),
    "a space before the colon": post(b"Transfer-Encoding : chunked", body=CHUNKED + SMUGGLED),
    "a bad chunk size": post(b"Transfer-Encoding: chunked", body=b"-1\r\n\r\n" + SMUGGLED),
    "HTTP/1.0 chunked": b"POST /good HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + SMUGGLED,
    "no host": b"GET /good HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /good HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "a NUL in a header": b"GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_be_read_in_two_ways_is_refused(send, case):
    answer, received = send(REFUSED[case])
    assert re.match(rb"HTTP/1\.1 (400|411|501)", answer), answer
    assert answer.count(b"HTTP/1.1 ") == 1  # what stood behind it was not taken for a request
    assert received == []


def requests(received: list[bytes]) -> list[bytes]:
    """The request lines that the listener would read, taking each connection's first head and body for one."""
    lines = []
    for data in received:
        head, _, body = data.partition(b"\r\n\r\n")
        lines.append(head.split(b"\r\n")[0])
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        assert b"transfer-encoding" not in head.lower()
        assert len(body) == (int(length[1]) if length else 0)
        assert b"\n" not in head.replace(b"\r\n", b"")
    return lines


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b"\r\n", b"\n"),  # bare line feeds are taken, and passed on as proper ones
        post(b"Transfer-Encoding: chunked", b"Connection: close", body=b"2\r\n{}\r\n0\r\n\r\n"),
        post(b"Transfer-Encoding: chunked", b"Connection: close", body=b"2;x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n"),
        post(b"Content-Length: 2", b"Connection: close, Content-Length", body=b"{}"),
        post(b"Content-Length: 2", b"Connection: close", b"Expect: 100-continue", body=b"{}"),
    ],
    ids=["line feeds", "chunks", "extensions and trailers", "hop by hop", "expectation"],
)
def test_what_is_passed_on_is_one_request_of_plain_length(send, data):
    answer, received = send(data)
    assert b"200 OK" in answer
    (line,) = requests(received)
    assert line in (b"GET /good HTTP/1.1", b"POST /good HTTP/1.1")


def test_a_second_request_behind_a_body_is_one_of_its_own(send):
    answer, received = send(post(b"Content-Length: 2", body=b"{}" + GOOD.replace(b"/good", b"/second")))
    assert answer.count(b"200 OK") == 2
    assert sorted(requests(received)) == [b"GET /second HTTP/1.1", b"POST /good HTTP/1.1"]


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket, h2c", b"TLS/1.3", b"x\tWebSocket"])
def test_nothing_but_websocket_is_switched_to(send, upgrade):
    _, received = send(GOOD.replace(b"Connection: close", b"Connection: Upgrade\r\nUpgrade: " + upgrade))
    assert b"upgrade" not in b"".join(received).lower()


@pytest.mark.parametrize("upgrade", [b"websocket", b"WebSocket"])
def test_websocket_is(send, upgrade):
    _, (received,) = send(GOOD.replace(b"Connection: close", b"Connection: Upgrade\r\nUpgrade: " + upgrade))
    assert b"\r\nUpgrade: websocket\r\n" in received
    assert b"\r\nConnection: upgrade\r\n" in received


def test_headers_that_speak_for_the_proxy_are_its_own(send):
    claims = b"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\nX-Forwarded-Proto: http\r\n"
    claims += (
        b"X-Forwarded-Host: evil.example\r\nX-Real-IP: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nProxy: http://1.2.3.4\r\n"
    )
    claims += b"X_Forwarded_For: 1.2.3.4\r\n"
    _, (received,) = send(GOOD.replace(b"Connection: close\r\n", claims + b"Connection: close\r\n"))
    assert b"1.2.3.4" not in received
    assert b"5.6.7.8" not in received
    assert b"evil.example" not in received
    assert received.count(b"X-Forwarded-For: 127.0.0.1\r\n") == 1
    assert received.count(b"X-Forwarded-Proto: https\r\n") == 1


def test_an_absolute_address_does_not_outwit_the_name(send):
    answer, received = send(GOOD.replace(b"/good", b"https://evil.example/good"))
    assert (answer, received) == (b"", [])
