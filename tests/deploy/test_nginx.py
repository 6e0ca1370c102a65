"""The service behind a real nginx with deploy/nginx.conf."""

import asyncio
import json
import re
import ssl
import threading
from socket import AF_UNIX, create_connection
from socket import socket as new_socket

import httpx
import pytest
import websockets
from django.core.cache import cache

from tests.backend import free_port
from tests.deploy import proxy, site
from tests.waiting import until, wait_until
from unitemate.serving import server as service

pytestmark = pytest.mark.postgres
FORGED = "203.0.113.9"


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """The service, and nginx before it as `behind.nginx`."""
    proxy.nginx()
    folder = tmp_path_factory.mktemp("nginx")
    with site.running(SECURE_HTTPS="1") as running, proxy.running(folder, running.paths) as running.nginx:
        yield running


@pytest.fixture
def trusting(behind) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(behind.nginx.certificate))


@pytest.fixture
def http(behind, trusting):
    with httpx.Client(base_url=behind.nginx.url, verify=trusting, trust_env=False) as client:
        yield client


def test_it_answers_by_ipv6_as_by_ipv4(behind, trusting):
    request = f"GET /livez HTTP/1.1\r\nHost: {proxy.NAME}\r\nConnection: close\r\n\r\n".encode()
    for address in ("127.0.0.1", "::1") if proxy.IPV6 else ("127.0.0.1",):
        with (
            create_connection((address, behind.nginx.port), timeout=10) as plain,
            trusting.wrap_socket(plain, server_hostname=proxy.NAME) as link,
        ):
            link.sendall(request)
            answer = b"".join(iter(lambda: link.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")


def sign_in(http: httpx.Client, name: str = "Ann") -> str:
    answer = http.post("/api/auth/dev/login", json={"name": name})
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


def connect(behind, trusting, **options):
    url = behind.nginx.url.replace("https", "wss") + "/ws/"
    return websockets.connect(url, ssl=trusting, proxy=None, **{"origin": behind.nginx.url, **options})


async def receive(socket, *actions: str) -> dict:
    """The next frame that is one of these."""
    async with asyncio.timeout(15):
        while (frame := json.loads(await socket.recv()))["action"] not in actions:
            pass
    return frame


# --- the socket -----------------------------------------------------------------------------------


async def test_the_upgrade_is_passed_on_and_so_is_a_push(behind, http, trusting):
    watcher, player = [await asyncio.to_thread(sign_in, http, name) for name in ("Watcher", "Player")]
    async with connect(behind, trusting) as socket:
        await socket.send(json.dumps({"action": "authenticate", "token": watcher}))
        assert (await receive(socket, "queueInfo"))["data"]["total_waiting"] == 0
        joined = await asyncio.to_thread(
            http.post,
            "/api/queue/join",
            json={"selected_roles": ["TANK", "SUPPORT"]},
            headers={"Authorization": f"Bearer {player}"},
        )
        assert joined.status_code == 201
        assert (await receive(socket, "updateQueue"))["changes"]["total_waiting"] == 1


async def test_an_origin_that_is_not_ours_is_refused_behind_the_proxy_too(behind, trusting):
    async with connect(behind, trusting, origin="https://evil.example") as socket:
        await socket.wait_closed()
        assert socket.close_code == 4403


async def test_the_own_page_may_open_the_socket_at_whatever_port(behind, trusting, http):
    assert str(behind.nginx.port) in behind.nginx.url
    async with connect(behind, trusting, origin=behind.nginx.url) as socket:
        await socket.send(json.dumps({"action": "authenticate", "token": await asyncio.to_thread(sign_in, http)}))
        assert (await receive(socket, "welcome"))["streams"]
    told = (await asyncio.to_thread(http.get, "/api/system")).json()["socket_url"]
    assert told == behind.nginx.url.replace("https", "wss") + "/ws/"


@pytest.mark.parametrize("origin", [f"https://{proxy.NAME}:1", f"https://{proxy.NAME}"])
async def test_a_page_at_another_port_may_not_and_is_told_why(behind, trusting, origin):
    async with connect(behind, trusting, origin=origin) as socket:
        await socket.wait_closed()
    assert (socket.close_code, socket.close_reason) == (4403, "the origin of this page is not allowed")


@pytest.mark.parametrize(("host", "address"), [("localhost:8443", "localhost:8443"), ("LOCALHOST:1", "localhost:1")])
def test_the_name_is_the_one_that_nginx_went_by_and_the_port_the_clients(http, host, address):
    assert http.get("/api/system", headers={"Host": host}).json()["socket_url"] == f"wss://{address}/ws/"


def test_a_name_beside_the_one_in_the_address_counts_for_nothing(behind, trusting):
    request = f"GET https://{proxy.NAME}/api/system HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    with (
        create_connection(("127.0.0.1", behind.nginx.port), timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=proxy.NAME) as link,
    ):
        link.sendall(request)
        answer = b"".join(iter(lambda: link.recv(4096), b""))
    assert f'"socket_url":"wss://{proxy.NAME}/ws/"'.encode() in answer.replace(b" ", b"")


def seconds(pattern: str, text: str) -> float:
    (found,) = re.findall(rf"{pattern} (\d+)s;", text)
    return float(found)


def test_timeouts_outlast_the_heartbeat_and_end_before_those_of_the_workers(settings):
    text = proxy.CONFIGURATION.read_text()
    (socket,) = re.findall(r"location = /ws/ \{(.*?)\}", text, re.DOTALL)
    assert seconds("proxy_read_timeout", socket) > 3 * settings.REALTIME_HEARTBEAT
    assert seconds("proxy_send_timeout", socket) > 3 * settings.REALTIME_HEARTBEAT
    assert "proxy_buffering off;" in socket
    (upstream,) = re.findall(r"upstream unitemate \{(.*?)\}", text, re.DOTALL)
    assert seconds("keepalive_timeout", upstream) < service.KEEP_ALIVE


# --- who the client is ----------------------------------------------------------------------------


def counted(behind, settings, address: str) -> int:
    """How many logins of an address the service has counted."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": behind.redis_url}}
    return cache.get(f"throttle_login_{address}") or 0


CLAIMS = [
    {},
    {"X-Forwarded-For": FORGED},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X_Forwarded_For": FORGED},
    {"Forwarded": f"for={FORGED}", "X-Real-IP": FORGED, "Client-IP": FORGED},
]


@pytest.mark.parametrize("number", range(len(CLAIMS)), ids=lambda number: "+".join(CLAIMS[number]) or "none")
def test_limits_count_the_client_whatever_it_says_of_itself(behind, trusting, settings, number):
    address = f"127.0.1.{number + 1}"
    transport = httpx.HTTPTransport(verify=trusting, local_address=address)
    with httpx.Client(base_url=behind.nginx.url, transport=transport, headers=CLAIMS[number]) as client:
        sign_in(client)
    assert counted(behind, settings, address) == 1
    assert counted(behind, settings, FORGED) == 0


@pytest.mark.parametrize(
    ("addresses", "bounded"),
    [
        ("2001:db8::{:x}", True),
        ("2001:db8:0:{:x}::1", False),
        ("10.0.10.{:d}", False),  # in bytes, 0a is the end of a line
    ],
)
def test_of_ipv6_the_network_of_a_customer_is_bounded(tmp_path, addresses, bounded):
    believed = {"server_tokens off;": "server_tokens off; set_real_ip_from 127.0.0.1; real_ip_header X-Client;"}
    with (
        proxy.running(tmp_path, [free_port()], **believed) as nginx,
        httpx.Client(verify=False, trust_env=False) as http,  # noqa: S501
    ):
        answers = {
            http.get(f"{nginx.url}/readyz", headers={"X-Client": addresses.format(number)}).status_code
            for number in range(1, 201)
        }
    assert answers == ({429, 502} if bounded else {502})


def test_a_client_cannot_pass_plain_http_for_https(behind, http):
    plain = f"http://127.0.0.1:{behind.nginx.plain_port}/api/system?a=b"
    answer = httpx.get(plain, headers={"Host": proxy.NAME, "X-Forwarded-Proto": "https"}, trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{proxy.NAME}/api/system?a=b")
    assert http.get("/api/system", headers={"X-Forwarded-Proto": "http"}).json()["socket_url"].startswith("wss://")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "play.localhost"])
def test_another_name_gets_no_answer(behind, host):
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(f"http://127.0.0.1:{behind.nginx.plain_port}/", headers={"Host": host}, trust_env=False)


def test_without_our_name_tls_is_refused(behind):
    with pytest.raises(httpx.ConnectError, match="UNRECOGNIZED_NAME"):
        httpx.get(f"https://127.0.0.1:{behind.nginx.port}/", verify=False, trust_env=False)  # noqa: S501


# --- what is let through --------------------------------------------------------------------------


def test_large_bodies_are_refused_by_the_service_and_larger_ones_before_it(behind, http):
    token = sign_in(http)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def patch(size: int) -> httpx.Response:
        return http.patch("/api/users/me/profile", content=b" " * size + b"{}", headers=headers)

    assert patch(60_000).status_code == 200
    assert (patch(70_000).status_code, patch(70_000).json()["errors"][0]["code"]) == (413, "too_large")
    assert patch(1_000_000).status_code == 413
    assert "<html>" in patch(1_000_000).text


def test_a_token_of_the_greatest_length_passes(http):
    answer = http.get("/api/users/me", headers={"Authorization": f"Bearer {'x' * 8192}"})
    assert answer.status_code == 401


def test_figures_are_not_public(http):
    assert http.get("/metrics").status_code == 404
    assert http.get("/metrics?x").status_code == 404


def test_probes_pass(http):
    assert http.get("/livez").json()["status"] == "ok"
    assert http.get("/readyz").json()["status"] == "ok"


def test_static_files_are_served_as_what_they_are(http):
    script = http.get("/static/web/app.js")
    assert script.headers["Content-Type"] == "application/javascript"
    assert script.headers["Content-Encoding"] == "gzip"
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    again = http.get("/static/web/app.js", headers={"If-None-Match": script.headers["ETag"]})
    assert again.status_code == 304
    assert http.get("/static/../settings.py").status_code == 404
    assert http.get("/static/%2e%2e/views.py").status_code == 404


def test_answers_say_nothing_about_what_serves_them(http):
    for path in ("/livez", "/static/web/app.js", "/metrics"):
        assert re.fullmatch(r"(nginx)?", http.get(path).headers.get("Server", ""))


def test_json_is_not_compressed(http):
    assert "Content-Encoding" not in http.get("/api/schema/?format=json").headers


def test_logs_hold_paths_and_nothing_that_follows(behind, http, trusting):
    secret = "s3cret-c0de"
    http.get(f"/?code={secret}&state=x")
    http.get(f"/static/none.js?code={secret}")
    http.get("/livez", headers={"Referer": f"https://localhost/?code={secret}", "Cookie": f"sessionid={secret}"})
    wait_until(lambda: "GET /static/none.js 404" in behind.nginx.logged() and "/livez" in behind.nginx.logged())
    assert secret not in behind.nginx.logged()


@pytest.mark.parametrize("there", ["a socket", "nothing"])
def test_nor_do_they_where_no_worker_answers(tmp_path, there):
    secret, path = "s3cret-c0de", str(tmp_path / "web.sock")
    with proxy.running(tmp_path, [path]) as nginx, new_socket(AF_UNIX) as gone:
        if there == "a socket":
            gone.bind(path)  # where nobody listens, as a killed worker leaves it
        with httpx.Client(verify=False, trust_env=False) as http:  # noqa: S501
            assert http.get(f"{nginx.url}/?code={secret}").status_code == 502
        wait_until(lambda: "GET / 502" in nginx.logged())
        assert secret not in nginx.logged()


# --- a worker less --------------------------------------------------------------------------------


class Visitor(threading.Thread):
    """Asks and writes without a pause, and keeps what was refused."""

    def __init__(self, behind, trusting, token: str) -> None:
        super().__init__(daemon=True)
        self._client = httpx.Client(base_url=behind.nginx.url, verify=trusting, trust_env=False, timeout=30)
        self._client.headers["Authorization"] = f"Bearer {token}"
        self._stopping = threading.Event()
        self.refused: list[str] = []
        self.served = 0

    def run(self) -> None:
        while not self._stopping.wait(0.02):
            number = self.served % 3
            if number == 0:
                answer = self._client.get("/api/queue")
            elif number == 1:
                answer = self._client.post("/api/queue/join", json={"selected_roles": ["TANK", "SUPPORT"]})
            else:
                answer = self._client.post("/api/queue/leave", json={})
            self.served += 1
            if answer.status_code >= 300:
                self.refused.append(f"{answer.request.method} {answer.url.path} {answer.status_code}")

    def stop(self) -> None:
        self._stopping.set()
        self.join(30)
        self._client.close()


async def test_workers_are_restarted_in_turn_and_no_request_fails(behind, http, trusting):
    token = await asyncio.to_thread(sign_in, http, "Visitor")
    sockets = [await connect(behind, trusting) for _ in range(4)]
    for socket in sockets:
        await socket.send(json.dumps({"action": "authenticate", "token": token}))
        await receive(socket, "welcome")
    visitor = Visitor(behind, trusting, token)
    visitor.start()
    try:
        for port in behind.ports:
            await asyncio.to_thread(behind.stop_worker, port)
            before = visitor.served
            await until(lambda before=before: visitor.served > before + 10)
            behind.start_worker(port)
            await asyncio.to_thread(site.wait_until_ready, port)
    finally:
        await asyncio.to_thread(visitor.stop)
    assert visitor.refused == []
    for socket in sockets:  # each was told when to come back
        with pytest.raises(websockets.ConnectionClosedError):
            await receive(socket, "nothing more")
        assert socket.close_code == 1012
        assert "come back in" in socket.close_reason
