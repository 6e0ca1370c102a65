"""How the server stops: no request that a proxy has sent by then goes unanswered."""

import socket
from http.client import HTTPConnection

import pytest

from tests.live import running_server
from tests.waiting import wait_until

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
