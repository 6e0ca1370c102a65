"""nginx before workers on several machines: the commands of the document, and a machine that is gone."""

import re
import shutil
import subprocess
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_connection, create_server, socket

import httpx
import pytest

from tests.deploy import proxy
from tests.test_layout import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.sqlite  # once; no database has a part in it
REQUESTS = 40


@pytest.fixture(scope="module")
def configuration(tmp_path_factory):
    """The configuration for several machines, as the document's command makes it."""
    proxy.nginx()
    text = (ROOT / "docs" / "operations.md").read_text()
    (command,) = re.findall(r"^ *(sed .*nginx-machines\.conf.*) > /etc/nginx/nginx\.conf$", text, re.MULTILINE)
    folder = tmp_path_factory.mktemp("machines")
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    done = subprocess.run(
        ["sh", "-c", command.replace("/srv/unitemate/current", str(folder)).replace("YOUR.NAME", "play.example.com")],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class Worker(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def worker():
    """The port of a worker."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Worker)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def gone():
    """A port that is silent, as is all of a machine that is gone: nobody takes the connections that wait there."""
    with ExitStack() as stack:
        listening = stack.enter_context(create_server(("127.0.0.1", 0), backlog=0))
        port = listening.getsockname()[1]
        waiting: list[socket] = []
        try:
            while len(waiting) < 16:
                waiting.append(stack.enter_context(create_connection(("127.0.0.1", port), timeout=0.3)))
        except TimeoutError:
            yield port
        else:
            pytest.skip("NO SILENCE: connections that nobody takes are taken here all the same")


def asked(nginx: proxy.Nginx) -> list[str]:
    """Which workers each request went to, in order: `first, second` where the first did not answer."""
    with httpx.Client(base_url=nginx.url, verify=False, trust_env=False, timeout=30) as http:  # noqa: S501
        for _ in range(REQUESTS):
            assert http.get("/livez").status_code == 200
    found = re.compile(r"GET /livez 200 .* upstream=(.*):[\d, ]+$", re.MULTILINE)
    wait_until(lambda: len(found.findall(nginx.logged())) == REQUESTS)
    return found.findall(nginx.logged())


def test_it_names_what_the_document_does_and_nothing_else_differs(configuration):
    plain = proxy.CONFIGURATION.read_text()
    block = re.compile(r"(    #[^\n]*\n)*    upstream unitemate \{.*?\n    \}\n", re.DOTALL)
    assert block.sub("", configuration) == block.sub("", plain)
    (upstream,) = (found[0] for found in re.finditer(r"upstream unitemate \{.*?\n    \}", configuration, re.DOTALL))
    assert all("max_fails=1 fail_timeout=10s;" in line for line in upstream.splitlines() if " server " in line)
    for line in ("least_conn;", "keepalive 32;", "keepalive_timeout 3s;"):
        assert line in upstream
        assert line in plain


def test_a_machine_that_is_gone_is_asked_once_and_then_left_alone(configuration, tmp_path, worker, gone):
    quick = {"proxy_connect_timeout 2s;": "proxy_connect_timeout 200ms;", "fail_timeout=10s": "fail_timeout=600s"}
    with proxy.running(tmp_path, [gone, worker], configuration=configuration, **quick) as nginx:
        assert [both for both in asked(nginx) if "," in both] == [f"127.0.0.1:{gone}, 127.0.0.1:{worker}"]


def test_the_configuration_of_one_machine_asks_it_again_and_again(tmp_path, worker, gone):
    with proxy.running(tmp_path, [gone, worker], **{"connect_timeout 2s;": "connect_timeout 50ms;"}) as nginx:
        assert len([both for both in asked(nginx) if "," in both]) > REQUESTS / 4
