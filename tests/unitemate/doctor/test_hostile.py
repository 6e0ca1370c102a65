"""The doctor at a site that means it ill: it is led nowhere, its terminal obeys nothing, and it comes to an end."""

import gzip
import json
import socket
import threading
import unicodedata
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from realtime.management.printable import printable
from tests.unitemate.doctor.examined import examined
from unitemate.doctor import examination, fetching
from unitemate.doctor.cases import Outcome

pytestmark = pytest.mark.sqlite

ESCAPE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u200b\r\n$(reboot)"
SYSTEM = {
    "socket_url": "ws://127.0.0.1/ws/",
    "streams": ["queue", "match", "user"],
    "versions": {"unitemate": "1"},
    "heartbeat": 10,
    "address": "127.0.0.1",
    "auth0": None,
}
READY = {"status": "ok", "database": "ok", "channel_layer": "ok", "cache": "ok", "outbox": "ok", "server": "ok"}


class Stranger:
    """An HTTP server whose answers are what a test says: {path: (status, headers, body)}; `asked` has the paths."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.endless: set[str] = set()
        self.json("/livez", {"status": "ok"})
        self.json("/api/system", SYSTEM)
        self.json("/readyz", READY)
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                stranger.asked.append(path)
                status, headers, body = stranger.answers.get(path, (404, {}, b"{}"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if path not in stranger.endless:
                    self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)
                try:
                    while path in stranger.endless:
                        self.wfile.write(b"x" * 65_536)
                except OSError:
                    pass

            do_POST = do_PATCH = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"

    def json(self, path: str, document: object, status: int = 200) -> None:
        self.answers[path] = (status, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stranger():
    server = Stranger()
    yield server
    server.stop()


@pytest.fixture
def victim():
    """A server that nobody is to be led to."""
    server = Stranger()
    yield server
    server.stop()


def shown(found) -> str:
    """All that is printed of the findings."""
    return "".join(f"{finding.detail}{finding.cause}{finding.remedy}" for finding in found.values())


def is_harmless(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") for character in text)


# --- led elsewhere --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "domain",
    ["http://{host}", "{host}", "https://{host}", "127.0.0.1", "[::1]", "localhost", "169.254.169.254", "intranet"],
)
async def test_the_provider_that_a_site_names_is_asked_only_in_public(stranger, victim, monkeypatch, domain):
    stranger.json("/api/system", SYSTEM | {"auth0": {"domain": domain.format(host=victim.host), "audience": "x"}})
    stranger.json("/api/users/me", {}, status=401)
    found = await examined(stranger.url)
    assert victim.asked == []
    detail = found["provider's keys"].detail
    assert "is not asked from here" in detail or "no host name" in detail


ADDRESSES = [
    "127.0.0.1",
    "10.0.0.7",
    "169.254.169.254",
    "::1",
    "fd00::1",
    "fe80::1%eth0",
    "100.64.0.1",
    "::ffff:10.0.0.7",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_nor_by_a_public_name_with_an_inner_address(monkeypatch, address):
    async def resolve(*_: object, **__: object):
        return [(0, 0, 0, "", (public, 443)) for public in ("8.8.8.8", address)]

    monkeypatch.setattr("asyncio.BaseEventLoop.getaddrinfo", resolve)
    with pytest.raises(fetching.NotPublic):
        await fetching.public_json("evil.example.com", "/x")


async def test_of_a_public_name_the_address_that_was_looked_at_is_asked_by_its_name(monkeypatch):
    asked = []

    async def resolve(*_: object, **__: object):
        return [(0, 0, 0, "", ("8.8.8.8", 443))]

    async def handle(self, request):
        asked.append((str(request.url), request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx.Response(302, headers={"Location": "http://127.0.0.1/"}, request=request)

    monkeypatch.setattr("asyncio.BaseEventLoop.getaddrinfo", resolve)
    monkeypatch.setattr(fetching.Bounded, "handle_async_request", handle)
    with pytest.raises(httpx.HTTPStatusError):
        await fetching.public_json("example.eu.auth0.com", "/keys")
    assert asked == [("https://8.8.8.8/keys", "example.eu.auth0.com", "example.eu.auth0.com")]


async def test_no_redirect_is_followed(stranger, victim):
    for path in ("/livez", "/api/system"):
        stranger.answers[path] = (302, {"Location": f"{victim.url}{path}"}, b"")
    found = await examined(stranger.url)
    assert found["livez"].detail.startswith("/livez: 302")
    assert victim.asked == []


async def test_not_even_by_the_socket(stranger, victim):
    stranger.answers["/ws/"] = (302, {"Location": f"ws://{victim.host}/ws/"}, b"")
    found = await examined(stranger.url)
    assert ": 302" in found["handshake"].detail
    assert victim.asked == []


# --- what is printed ------------------------------------------------------------------------------


def everywhere(value: object) -> object:
    """The same document with a text that a terminal would obey in place of each text."""
    if isinstance(value, dict):
        return {key: everywhere(part) for key, part in value.items()}
    return [everywhere(part) for part in value] if isinstance(value, list) else f"{value}{ESCAPE}"


@pytest.mark.parametrize("field", [*SYSTEM, "auth0.domain", "ready"])
async def test_nothing_that_a_terminal_obeys_is_shown(stranger, field):
    system = dict(SYSTEM)
    if field == "ready":
        stranger.json("/readyz", everywhere(READY), status=503)
    elif field == "auth0.domain":
        system["auth0"] = {"domain": f"x.example.com{ESCAPE}", "audience": "x"}
    else:
        system[field] = everywhere(system[field])
    stranger.json("/api/system", system)
    stranger.answers["/ws/"] = (301, {"Location": "/\x9b2J"}, b"")
    found = await examined(stranger.url, token="x.y.z")
    assert is_harmless(shown(found)), shown(found)
    if field == "auth0.domain":
        assert "reboot" not in shown(found)  # what is to be copied into a shell


async def test_nor_of_a_reason_phrase_or_a_header(stranger):
    stranger.answers["/livez"] = (302, {"Location": "\x9b2Jx"}, b"")
    found = await examined(stranger.url)
    assert "\\x9b2Jx" in found["livez"].detail
    assert is_harmless(shown(found))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Füße 待機 🎮 plain", "Füße 待機 🎮 plain"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x9bb\x00\x7f", "a\\x9bb\\x00\\x7f"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
        ("half \ud800", "half \\ud800"),
        ("x" * 700, "x" * 599 + "…"),
    ],
)
def test_what_is_not_to_be_printed_is_written_out(text, seen):
    assert printable(text) == seen


# --- without end ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/livez", "/api/system", "/readyz"])
async def test_an_answer_without_end_is_given_up(stranger, path):
    stranger.endless.add(path)
    found = await examined(stranger.url)
    hop = {"/livez": "livez", "/api/system": "system", "/readyz": "database"}[path]
    assert found[hop].outcome is Outcome.FAILED
    assert "Read" in found[hop].detail


async def test_an_answer_that_unpacks_to_much_more_is_not_unpacked(stranger):
    packed = gzip.compress(b" " * 50_000_000 + b"{}")
    stranger.answers["/livez"] = (200, {"Content-Encoding": "gzip"}, packed)
    found = await examined(stranger.url)
    assert found["livez"].outcome is Outcome.FAILED
    assert "ReadError" in found["livez"].detail


async def test_a_hop_that_goes_on_and_on_is_ended(monkeypatch):
    monkeypatch.setattr(examination, "LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = await examined(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert found["livez"].detail == "no end within 0 s"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"socket_url": 1},
        SYSTEM | {"versions": []},
        SYSTEM | {"heartbeat": "often"},
        SYSTEM | {"streams": 3},
        SYSTEM | {"socket_url": "http://[/"},
        SYSTEM | {"auth0": 7},
        SYSTEM | {"address": {}},
    ],
    ids=repr,
)
async def test_answers_of_any_form_end_in_findings(stranger, document):
    stranger.json("/api/system", document)
    found = await examined(stranger.url)
    assert any(finding.outcome is Outcome.FAILED for finding in found.values())


async def test_one_that_is_too_deep_too(stranger):
    stranger.answers["/api/system"] = (200, {"Content-Type": "application/json"}, b"[" * 100_000)
    assert (await examined(stranger.url))["system"].outcome is Outcome.FAILED
