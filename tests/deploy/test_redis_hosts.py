"""`REDIS_URL` with several hosts: each carries a part of the streams, and one that is down delays its own only."""

import json
import os
import subprocess
import sys

import pytest
import redis

from tests.backend import free_port, start_redis
from tests.deploy import site
from tests.test_layout import ROOT
from tests.unitemate.doctor.examined import examined, failing
from unitemate.doctor import sockets


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("redis://a/0", ["redis://a/0"]),
        ("redis://a/0,rediss://user:pass@b:6380/1", ["redis://a/0", "rediss://user:pass@b:6380/1"]),
        ("redis://a/0, redis://b/0", ["redis://a/0", "redis://b/0"]),
    ],
)
def test_hosts_are_separated_by_commas_and_the_first_has_the_cache(value, hosts):
    code = "import json; from unitemate import settings as s; print(json.dumps([s.CHANNEL_LAYERS, s.CACHES]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": value, "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        check=True,
    )
    layers, caches = json.loads(done.stdout)
    assert layers["default"]["CONFIG"]["hosts"] == hosts
    assert caches["default"]["LOCATION"] == hosts[0]


@pytest.mark.postgres
async def test_two_hosts_share_the_streams(monkeypatch):
    monkeypatch.setattr(sockets, "PROMPT", 15.0)  # a busy machine is no failure
    port = free_port()
    second = start_redis(port)
    running = site.Site(REALTIME_HEARTBEAT="0.5", BEHIND_PROXY="0")
    try:
        running.environment["REDIS_URL"] = f"{running.redis_url},redis://127.0.0.1:{port}/0"
        running.start()
        hosts = [redis.Redis.from_url(url) for url in running.environment["REDIS_URL"].split(",")]

        def subscribed() -> list[set[bytes]]:
            return [{name for name in host.pubsub_channels() if b"user_" in name} for host in hosts]

        # A player's own stream falls to one of the hosts by its name; the doctor sees a push on it.
        for number in range(30):
            found = await examined(f"http://127.0.0.1:{running.ports[number % 2]}", name=f"Player {number}")
            assert failing(found) == []
            if all(subscribed()):
                break
        assert all(subscribed())
        assert not set.intersection(*subscribed())
    finally:
        running.stop()
        second.kill()
        second.wait()
