"""How the server starts, and stops: no request that a proxy has sent by then goes unanswered."""

import asyncio
import gc
import socket
from http.client import HTTPConnection

import pytest

from tests.backend import free_port
from tests.live import running_server
from tests.waiting import wait_until
from unitemate.serving import server as service

pytestmark = pytest.mark.django_db(transaction=True)


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_proxys_idle_connection_is_ended_with_an_answer_and_not_under_a_request(settings):
    settings.BEHIND_PROXY = True
    with running_server() as server:
        proxy = HTTPConnection("127.0.0.1", server.port, timeout=10)
        proxy.request("GET", "/livez")
        answer = proxy.getresponse()
        assert (answer.status, answer.getheader("connection"), answer.read() != b"") == (200, None, True)
        server.stop()
        wait_until(lambda: refuses(server.port))
        proxy.request("POST", "/api/queue/join", b"{}")  # it was on its way
        answer = proxy.getresponse()
        assert (answer.status, answer.getheader("connection")) == (401, "close")
        assert answer.read()
        assert answer.isclosed()


def test_without_a_proxy_idle_connections_hold_nothing_up(settings):
    settings.BEHIND_PROXY = False
    with running_server() as server:
        browser = HTTPConnection("127.0.0.1", server.port, timeout=10)
        browser.request("GET", "/livez")
        browser.getresponse().read()
        server.stop()
        assert browser.sock.recv(1) == b""


@pytest.fixture
def collector():
    """Python's own thresholds and nothing frozen, afterwards as before."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_full_collections_are_left_for_long_and_pass_over_what_was_imported(monkeypatch, collector):
    found = []
    monkeypatch.setattr(
        service.Server, "run", lambda *_, **__: found.append((gc.get_threshold(), gc.get_freeze_count()))
    )
    service.serve(host="127.0.0.1", port=free_port())
    ((thresholds, frozen),) = found
    assert thresholds == service.COLLECTIONS
    assert frozen > 100_000


def test_a_unix_socket_that_cannot_be_had_ends_it_with_the_reason(tmp_path, caplog):
    path = tmp_path / "none" / "web.sock"
    server = service.Server(service.configuration(host="127.0.0.1", port=free_port(), lifespan="on"), str(path))
    with pytest.raises(SystemExit, match="3"):
        asyncio.run(server.serve())
    assert f"cannot listen at {path}: [Errno 2] No such file or directory" in caplog.text
