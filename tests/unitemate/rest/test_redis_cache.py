"""A cache that cannot be reached, or takes no writes, fails no request and costs none its time."""

import socket
import threading

import pytest
import redis
from django.core.cache import caches
from redis.exceptions import ReadOnlyError, TimeoutError

from tests.backend import free_port, start_redis
from unitemate.rest import redis_cache as module

LIMITS = "so that no limit of requests holds"


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(module, "_outages", {})


@pytest.fixture
def clock(monkeypatch):
    """The time that the memory of a failure goes by: `clock[0] += 5`."""
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def use(settings):
    """Use the Redis of a port; returns the cache."""

    def use(port: int) -> module.ForgivingRedisCache:
        settings.CACHES = {
            "default": {
                "BACKEND": "unitemate.rest.counting_cache.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{port}/0",
                "OPTIONS": {"socket_connect_timeout": 5, "socket_timeout": 0.05},
            }
        }
        return caches["default"]

    return use


class Silent:
    """A server that takes connections and says nothing, as behind a firewall that drops what comes."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.asked = 0
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            self._links.append(link)
            while link.recv(65_536):
                self.asked += 1
                break

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        for link in (self._listening, *self._links):
            link.close()


@pytest.fixture
def silent():
    server = Silent()
    yield server
    server.stop()


@pytest.mark.postgres
def test_the_cache_keeps_what_it_is_given():
    cache = caches["default"]
    cache.set("key", [1, 2], 60)
    assert cache.get("key") == [1, 2]
    assert cache.add("key", 3, 60) is False
    cache.set("number", 1, 60)
    assert cache.incr("number") == 2
    module.check()


def test_without_redis_it_forgets_and_requests_pass(use, client, db):
    cache = use(free_port())
    cache.set("key", 1, 60)
    assert cache.get("key", "nothing") == "nothing"
    assert client.get("/api/queue").status_code == 200
    login = client.post("/api/auth/dev/login", {"name": "Ann"}, content_type="application/json")
    assert login.status_code == 200


def test_every_operation_has_an_answer_meanwhile(use, clock):
    cache = use(free_port())
    for _ in range(2):  # asked, and not asked
        assert (cache.add("key", 1), cache.incr("key", 3), cache.touch("key")) == (True, 3, False)
        assert (cache.get_many(["key"]), cache.has_key("key"), "key" in cache) == ({}, False, False)
        assert (cache.set_many({"key": 1}), cache.delete("key")) == (["key"], False)
        assert (cache.delete_many(["key"]), cache.clear(), cache.get_or_set("key", 7)) == (None, None, 7)
        clock[0] += module.RETRY_AFTER


def test_one_that_is_silent_is_asked_once_and_then_left_alone_for_a_while(use, silent, clock, caplog):
    cache = use(silent.port)
    for _ in range(20):
        cache.set("key", 1)
        assert cache.get("key") is None
    assert silent.asked == 1
    assert [line.getMessage() for line in caplog.records] == [
        "the cache cannot be reached, so that no limit of requests holds: TimeoutError"
    ]
    clock[0] += module.RETRY_AFTER - 0.01
    assert cache.get("key") is None
    assert silent.asked == 1
    clock[0] += 0.01
    for _ in range(20):
        assert cache.get("key") is None
    assert silent.asked == 2
    assert len(caplog.records) == 1  # the same as before


def test_all_threads_share_what_is_known(use, silent, clock):
    cache = use(silent.port)
    cache.get("key")
    others = [threading.Thread(target=lambda: caches["default"].get("key")) for _ in range(5)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert silent.asked == 1


def test_after_the_pause_one_asks_and_nobody_else_waits_for_the_answer(clock):
    outage = module.Outage()
    outage.failed(TimeoutError())
    clock[0] += module.RETRY_AFTER
    assert [outage.may_ask(writes=False) for _ in range(3)] == [True, False, False]


@pytest.fixture
def own_redis():
    port = free_port()
    process = start_redis(port)
    with redis.Redis(port=port) as administrator:
        administrator.port = port
        yield administrator
    process.kill()
    process.wait()


@pytest.mark.sqlite
def test_one_that_takes_no_writes_is_said_and_works_again_by_itself(use, own_redis, clock, caplog):
    cache = use(own_redis.port)
    cache.set("key", "before", 60)
    own_redis.replicaof("127.0.0.1", free_port())
    for _ in range(5):
        cache.set("key", "after", 60)
        cache.get("key")
        clock[0] += module.RETRY_AFTER
        cache.get("key")  # which works, and proves nothing
    with pytest.raises(ReadOnlyError):
        module.check()
    assert [(line.levelname, line.getMessage()) for line in caplog.records] == [
        ("ERROR", f"the cache takes no writes, {LIMITS}: ReadOnlyError")
    ]
    own_redis.replicaof("NO", "ONE")
    clock[0] += module.RETRY_AFTER
    cache.set("key", "after", 60)
    assert cache.get("key") == "after"
    assert caplog.records[-1].getMessage() == "the cache works again; limits of requests hold"
    module.check()


@pytest.mark.sqlite
def test_nor_does_one_without_memory_left(use, own_redis, clock):
    cache = use(own_redis.port)
    own_redis.config_set("maxmemory", 1)
    cache.set("key", 1)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        module.check()


@pytest.mark.sqlite
def test_the_check_asks_also_during_the_pause_and_ends_it(use, own_redis, clock):
    cache = use(own_redis.port)
    cache._outage.failed(TimeoutError())
    assert cache.set("key", 1) is None
    assert own_redis.dbsize() == 0
    module.check()
    cache.set("key", 1)
    assert cache.get("key") == 1
