"""The doctor before a real nginx and real workers, from which parts are taken away."""

import ssl
from contextlib import ExitStack

import psycopg
import pytest
import redis

from realtime.publishing.leases import lock_key
from tests.backend import free_port
from tests.deploy import proxy, site
from tests.unitemate.doctor.examined import examined, failing, skipped
from tests.waiting import until
from unitemate.doctor import sockets

pytestmark = pytest.mark.postgres
HEARTBEAT = "1"


@pytest.fixture(scope="module")
def behind():
    proxy.nginx()
    with site.running(SECURE_HTTPS="1", REALTIME_HEARTBEAT=HEARTBEAT) as running:
        yield running


@pytest.fixture(autouse=True)
def long_transaction(monkeypatch):
    monkeypatch.setattr(sockets, "PROMPT", 15.0)  # a busy machine is no failure


@pytest.fixture
def nginx(behind, tmp_path):
    """Run nginx before the workers, with parts of its configuration replaced: `nginx({"old": "new"})`."""
    with ExitStack() as stack:

        def run(replaced=None, ports=None) -> proxy.Nginx:
            return stack.enter_context(proxy.running(tmp_path, ports or behind.ports, **(replaced or {})))

        yield run


async def examined_through(nginx: proxy.Nginx, **options):
    options.setdefault("name", "Doctor")
    return await examined(nginx.url, tls=ssl.create_default_context(cafile=str(nginx.certificate)), **options)


async def test_all_is_well(nginx):
    found = await examined_through(nginx())
    assert failing(found) == []
    assert skipped(found) == ["provider's keys"]
    assert found["certificate"].detail.startswith("TLSv1.3")
    assert found["proxy headers"].detail == "wss, localhost, from 127.0.0.1"


@pytest.mark.parametrize(
    ("replaced", "status"),
    [
        ({"proxy_set_header Upgrade $websocket;": ""}, "404"),  # what arrives is no request for a socket
        ({"proxy_set_header Connection $passed_connection;": 'proxy_set_header Connection "close";'}, "404"),
        ({"location = /ws/ {": "location = /ws/ {\n            return 502;"}, "502"),
        ({"location = /ws/ {": "location = /ws/ {\n            return 403;"}, "403"),
    ],
    ids=["no Upgrade", "no Connection", "no worker for it", "a firewall"],
)
async def test_a_proxy_that_does_not_pass_the_upgrade_on(nginx, replaced, status):
    found = await examined_through(nginx(replaced))
    assert failing(found) == ["handshake"]
    assert f": {status}" in found["handshake"].detail
    assert "deploy/nginx.conf" in found["handshake"].remedy or status == "403"


async def test_a_proxy_that_does_not_say_by_which_scheme_it_was_asked(nginx):
    found = await examined_through(nginx({"proxy_set_header X-Forwarded-Proto $scheme;": ""}))
    assert failing(found)[0] == "system"
    assert "X-Forwarded-Proto" in found["system"].remedy


async def test_a_proxy_that_passes_on_what_the_client_claims(nginx):
    found = await examined_through(nginx({"X-Forwarded-For $remote_addr;": "X-Forwarded-For $http_x_forwarded_for;"}))
    assert failing(found) == ["proxy headers"]
    assert "X-Forwarded-For $remote_addr" in found["proxy headers"].remedy


async def test_a_proxy_that_sends_a_name_of_its_own(nginx):
    found = await examined_through(
        nginx({"proxy_set_header Host $host$asked_port;": "proxy_set_header Host unitemate;"})
    )
    assert "livez" in failing(found)
    assert "ALLOWED_HOSTS" in found["livez"].remedy


async def test_no_worker_at_the_proxys_ports(nginx):
    found = await examined_through(nginx(ports=[1, 2]))
    assert failing(found) == ["livez"]
    assert "502" in found["livez"].detail


async def test_workers_of_different_versions(behind, nginx):
    running, port = nginx(), behind.ports[-1]
    behind.stop_worker(port)
    behind.start_worker(port, RELEASE="yesterday")
    site.wait_until_ready(port)
    try:
        found = await examined_through(running)
    finally:
        behind.stop_worker(port)
        behind.start_worker(port)
        site.wait_until_ready(port)
    assert failing(found) == ["versions"]
    assert "release yesterday" in found["versions"].detail


async def test_redis_is_down(behind, nginx, monkeypatch):
    running = nginx()
    behind.stop_redis()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(sockets, "PROMPT", 0.5)
            found = await examined_through(running)
    finally:
        behind.start_redis()
    # The push still comes: late, from the comparison with the database.
    assert failing(found) == ["channel layer", "cache", "push"]
    assert "Redis" in found["channel layer"].cause
    for port in behind.ports:
        site.wait_until_ready(port)
    assert failing(await examined_through(running)) == []


async def test_redis_has_become_a_replica(behind, nginx):
    running = nginx()
    with redis.Redis.from_url(behind.redis_url) as administrator:
        administrator.replicaof("127.0.0.1", free_port())
        found = await examined_through(running)
        administrator.replicaof("NO", "ONE")
    assert failing(found) == ["cache"]
    assert found["cache"].detail == "/readyz: cache: requests are not counted: ReadOnlyError"
    assert "replica" in found["cache"].cause
    assert failing(await examined_through(running)) == []


async def test_the_database_is_down(behind, nginx):
    running = nginx()
    behind.shut_database()
    try:
        found = await examined_through(running)
    finally:
        behind.open_database()
    assert "database" in failing(found)
    assert "PostgreSQL" in found["database"].cause
    assert "token" in skipped(found)
    for port in behind.ports:
        site.wait_until_ready(port)


async def test_nobody_publishes(behind, nginx, monkeypatch):
    monkeypatch.setattr(sockets, "LATE", 1.5)
    running = nginx()
    with psycopg.connect(behind.database_url, autocommit=True) as session:
        # The lock that makes a relay the leader, held by somebody who does nothing with it.
        lock = lock_key("relay")
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [lock >> 32, lock & 0xFFFFFFFF],
        )
        await until(lambda: session.execute("SELECT pg_try_advisory_lock(%s)", [lock]).fetchone()[0])
        found = await examined_through(running)
        assert failing(found) == ["push"]
        assert "relay" in found["push"].cause
        # What it has committed waits now, and so `/readyz` says it too.
        found = await examined_through(running)
        assert failing(found) == ["outbox", "push"]
        session.execute("SELECT pg_advisory_unlock(%s)", [lock])
    await until(lambda: all(map(site.ready, behind.ports)))
    assert failing(await examined_through(running)) == []


async def test_all_workers_are_gone(behind, nginx):
    running = nginx()
    for port in behind.ports:
        behind.stop_worker(port)
    try:
        found = await examined_through(running)
    finally:
        for port in behind.ports:
            behind.start_worker(port)
            site.wait_until_ready(port)
    assert failing(found) == ["livez"]
    assert "502" in found["livez"].detail
