"""The database's clock is everybody's: a host that is ahead or behind neither ends others' leases nor is believed."""

import asyncio
import time as host
from datetime import timedelta

import pytest
from django.utils import timezone

from realtime.database import clock
from realtime.delivery.store import Database
from realtime.models import Presence, PublishedState, Worker
from realtime.publishing.leases import Lease
from realtime.publishing.publisher import publish_dirty, snapshot
from realtime.socket import presence as presence_module
from tests.scenes import players
from tests.waiting import on_database
from unitemate.serving import health
from users.services import profile_update

SKEWS = [90.0, -90.0]


@pytest.fixture(params=SKEWS, ids=["ahead", "behind"])
def skew(request, monkeypatch, transactional_db):
    """This host's clock goes wrong by so many seconds."""
    right, skew = host.time, request.param
    monkeypatch.setattr(host, "time", lambda: right() + skew)
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=skew))
    monkeypatch.setattr(clock, "_offset", 0.0)
    return skew


@pytest.fixture
def right():
    """The present time by a clock that is right."""
    return host.time()


def test_a_dead_workers_rows_go_by_the_databases_clock(skew):
    presence_module._renew("here")
    worker = Worker.objects.create(worker_id="elsewhere", expires_at=timezone.now())
    presence_module._write("there", {"ann"}, set())
    presence_module._renew("there")
    assert set(Worker.objects.values_list("pk", flat=True)) >= {"here", "there"}
    assert Presence.objects.filter(owner="ann").exists()
    assert Worker.objects.filter(pk=worker.pk).exists() is (skew > 0)  # for it is not over yet
    lasts = Worker.objects.get(pk="here").expires_at - timezone.now() + timedelta(seconds=skew)
    assert abs(lasts - presence_module.LEASE_FOR) < timedelta(seconds=10)


@pytest.mark.sqlite
def test_a_lease_holds_by_the_databases_clock(skew):
    assert Lease("job").acquire()
    assert not Lease("job").acquire()


async def test_what_was_published_is_found_by_who_has_another_clock(skew):
    (ann,) = await on_database(players)(1, "Ann")
    stream = f"user_{ann.user_id}"
    await on_database(snapshot)(stream)
    await on_database(profile_update)(user=ann, bio="hello")
    await on_database(publish_dirty)()
    heads = (await Database().recent(60.0)).heads
    assert (stream, 2) in {(name, seq) for name, _, seq in heads}

    @on_database
    def age() -> float:
        return (timezone.now() - PublishedState.objects.get(pk=stream).published_at).total_seconds() - skew

    assert abs(await age()) < 30


@pytest.mark.postgres
def test_measured_it_is_put_right(right, skew):
    ahead, doubt = clock.measure_offset()
    assert abs(ahead + skew) < 5 + doubt
    assert abs(clock.time() - right) < 30
    assert abs(clock.now().timestamp() - right) < 30


@pytest.mark.postgres
async def test_readyz_names_a_host_whose_clock_is_wrong(skew):
    side = "ahead of" if skew > 0 else "behind"
    said = await health._outcome(health._clock)
    assert said.startswith("this host's clock is ")
    assert said.endswith(f" s {side} the database's")
    await asyncio.sleep(0)


def test_a_clock_that_is_nearly_right_is_left_alone(monkeypatch):
    monkeypatch.setattr(clock, "_offset", 0.5)
    assert clock.time() <= host.time()


async def test_a_clock_that_is_right_is_ready(transactional_db):
    assert await health._outcome(health._clock) == "ok"
