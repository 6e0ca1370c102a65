"""Whose word the server takes about a client's address and scheme."""

import tempfile

import httpx
import pytest
import websockets

from tests.live import running_server
from tests.waiting import until

FORGED = "203.0.113.9"


@pytest.fixture
def serving(transactional_db, settings):
    """Start a server with these settings: `serving(BEHIND_PROXY=True)`."""
    running = []

    def start(path=None, **changed):
        for name, value in changed.items():
            setattr(settings, name, value)
        running.append(running_server(path=path))
        return running[-1].__enter__()

    yield start
    for each in running:
        each.__exit__(None, None, None)


def waiting(server) -> dict[str, int]:
    """How many handshakes are under way, by address."""
    return server.call(lambda: dict(server.engine.limits._handshakes))


CASES = [
    # (settings, the header, the address that is counted); the peer is 127.0.0.1
    ({"BEHIND_PROXY": False}, FORGED, "127.0.0.1"),
    ({"BEHIND_PROXY": True}, FORGED, FORGED),
    ({"BEHIND_PROXY": True}, "2001:db8:0:7:1234::1", "2001:db8:0:7::/64"),  # one customer has all of these
    ({"BEHIND_PROXY": True}, f"198.51.100.7, {FORGED}", FORGED),  # what the proxy has added stands last
    ({"BEHIND_PROXY": True, "FORWARDED_ALLOW_IPS": ["10.0.0.0/8"]}, FORGED, "127.0.0.1"),
    ({"BEHIND_PROXY": True, "FORWARDED_ALLOW_IPS": ["10.0.0.0/8", "127.0.0.0/8"]}, FORGED, FORGED),
]


@pytest.mark.parametrize(("changed", "header", "counted"), CASES)
async def test_a_socket_is_counted_by_the_address_that_a_trusted_proxy_names(serving, changed, header, counted):
    server = serving(**changed)
    async with websockets.connect(server.socket_url, additional_headers={"X-Forwarded-For": header}):
        await until(lambda: waiting(server) == {counted: 1})
    await until(lambda: waiting(server) == {})


@pytest.mark.parametrize(
    ("changed", "scheme"),
    [
        ({"BEHIND_PROXY": False}, "ws"),
        ({"BEHIND_PROXY": True}, "wss"),
        ({"BEHIND_PROXY": True, "FORWARDED_ALLOW_IPS": ["10.0.0.7"]}, "ws"),
    ],
)
def test_a_request_is_secure_if_a_trusted_proxy_says_so(serving, changed, scheme):
    server = serving(**changed)
    answer = httpx.get(f"{server.url}/api/system", headers={"X-Forwarded-Proto": "https"}, trust_env=False).json()
    assert answer["socket_url"] == f"{scheme}://127.0.0.1:{server.port}/ws/"


@pytest.fixture
def path():
    """Of a Unix socket; short, as it must be."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"{folder}/web.sock"


BY_UNIX = [
    # Who comes by it is on this machine, and its word counts as that of 127.0.0.1 does.
    ({"BEHIND_PROXY": False}, "127.0.0.1"),
    ({"BEHIND_PROXY": True}, FORGED),
    ({"BEHIND_PROXY": True, "FORWARDED_ALLOW_IPS": ["10.0.0.7"]}, "127.0.0.1"),
]


@pytest.mark.parametrize(("changed", "counted"), BY_UNIX)
async def test_a_proxy_at_the_unix_socket_is_one_on_this_machine(serving, path, changed, counted):
    server = serving(path, **changed)
    headers = {"X-Forwarded-For": FORGED}
    async with websockets.unix_connect(path, "ws://localhost/ws/", additional_headers=headers):
        await until(lambda: waiting(server) == {counted: 1})
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=path)) as client:
        answer = await client.get("http://localhost/api/system", headers=headers)
    assert answer.json()["address"] == counted
