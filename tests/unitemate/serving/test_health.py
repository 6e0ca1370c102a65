"""`/livez` and `/readyz` of a real server."""

import asyncio
import threading
from datetime import timedelta

import httpx
import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError
from django.utils import timezone
from redis.exceptions import ReadOnlyError

from realtime.models import DirtyStream, Lease
from tests.waiting import wait_until
from unitemate.serving import health
from unitemate.telemetry.scrubbing import _message as shown

PARTS = ("database", "channel_layer", "cache", "outbox", "clock", "server")


@pytest.fixture
def http(server):
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def failing(http: httpx.Client) -> dict[str, str]:
    """The parts that `/readyz` names as failing, with what it says of them."""
    answer = http.get("/readyz")
    body = answer.json()
    wrong = {part: body[part] for part in PARTS if body[part] != "ok"}
    assert (answer.status_code, body["status"]) == ((503, "failing") if wrong else (200, "ok"))
    return wrong


def test_a_server_that_can_work_says_so(http):
    assert http.get("/readyz").json() == {"status": "ok", **dict.fromkeys(PARTS, "ok")}
    assert http.get("/livez").json() == {"status": "ok"}


def test_a_database_that_does_not_answer_is_named_without_its_address(http, monkeypatch):
    class Broken:
        def cursor(self):
            raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(health, "connection", Broken())
    assert failing(http) == {"database": "OperationalError"}
    assert http.get("/livez").status_code == 200


def test_a_layer_that_loses_messages_is_named(http, monkeypatch):
    class Silent:
        async def new_channel(self):
            return "specific.x"

        async def send(self, channel, message):
            pass

        async def receive(self, channel):
            await asyncio.Event().wait()

    monkeypatch.setattr(health, "LAYER_TIMEOUT", 0.05)
    monkeypatch.setattr(health, "get_channel_layer", Silent)
    assert failing(http) == {"channel_layer": "TimeoutError"}


def test_a_cache_that_takes_no_writes_is_named(http, monkeypatch):
    def refuse():
        raise ReadOnlyError("You can't write against a read only replica at 10.0.0.7.")

    monkeypatch.setattr(health.redis_cache, "check", refuse)
    assert failing(http) == {"cache": "requests are not counted: ReadOnlyError"}


def test_changes_that_pile_up_are_named(http, server, monkeypatch):
    monkeypatch.setattr(health, "MOST_MARKS", 3)
    monkeypatch.setattr(health, "STALE", 0.2)
    server.call(server.engine.relay.stop)
    assert failing(http) == {}
    DirtyStream.objects.bulk_create(DirtyStream(stream="queue") for _ in range(3))
    assert failing(http) == {"outbox": "a change waits longer than 0.2 s to be published"}
    DirtyStream.objects.create(stream="queue")
    assert failing(http) == {"outbox": "more than 3 changes are not published yet"}


@pytest.mark.postgres
def test_a_relay_that_is_gone_is_named_though_nothing_waits(http, server, monkeypatch):
    wait_until(lambda: Lease.objects.filter(name="relay").exists())
    assert failing(http) == {}
    server.call(server.engine.relay.stop)
    Lease.objects.update(expires_at=timezone.now() - timedelta(minutes=16))
    assert failing(http) == {"outbox": "nobody has proved for 15 s to publish"}


def test_changes_that_wait_their_turn_are_no_failure(http, server, monkeypatch):
    monkeypatch.setattr(health, "STALE", 60.0)
    monkeypatch.setattr(health, "CHECK_EVERY", 0.01)
    server.call(server.engine.relay.stop)
    DirtyStream.objects.all().delete()  # of what came before
    waiting = [DirtyStream.objects.create(stream="queue") for _ in range(2)]
    looked = threading.Event()
    oldest_mark = health._oldest_mark

    def publish_at_the_second_look():
        if looked.is_set():
            waiting[0].delete()
        looked.set()
        return oldest_mark()

    monkeypatch.setattr(health, "_oldest_mark", publish_at_the_second_look)
    assert failing(http) == {}


def test_a_server_on_its_way_out_is_not_ready_which_is_no_error(http, server, caplog):
    assert failing(http) == {}
    server.call(server.engine.send_away)
    assert failing(http) == {"server": "draining"}
    lines = [line for line in caplog.records if "server" in line.getMessage()]
    assert [(line.levelname, shown(line.name, line.msg, line.args)) for line in lines] == [
        ("INFO", "not ready: server")
    ]
    assert http.get("/livez").status_code == 200


def test_checks_leave_no_subscriptions_behind(http, server):
    def channels():
        return len(get_channel_layer().channels)

    assert failing(http) == {}
    before = server.call(channels)
    for _ in range(5):
        assert failing(http) == {}
    assert server.call(channels) == before


def test_probes_come_past_the_proxy_that_speaks_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/api/system").status_code == 301
    assert client.get("/livez").status_code == 200
