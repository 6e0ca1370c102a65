"""Samples: one a slot whoever takes it, the last sixty, by injected time; and none while nobody looks."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from realtime.models import DirtyStream, Sample, Worker
from realtime.operations import sampling
from realtime.operations.sampler import Sampler
from realtime.operations.sampling import INTERVAL, KEPT, sample_if_due
from realtime.publishing.publisher import snapshot
from realtime.telemetry import multiprocess
from tests.oracle import oracle
from tests.scenes import NOW, players, queue_up
from tests.waiting import on_database

FIRST = int(NOW.timestamp()) // INTERVAL


def at(slots: float) -> datetime:
    """A moment so many slots after the beginning of the first."""
    return datetime.fromtimestamp(FIRST * INTERVAL, UTC) + timedelta(seconds=slots * INTERVAL)


def slots() -> list[int]:
    """The slots that have a sample, counted from the first."""
    return [slot - FIRST for slot in Sample.objects.order_by("slot").values_list("slot", flat=True)]


@pytest.mark.django_db
class TestSampling:
    def test_a_slot_has_one_sample(self):
        taken = [sample_if_due(at(slot)) for slot in (0.2, 0.4, 0.9, 1.1, 1.9, 2.0)]
        assert taken == [True, False, False, True, False, True]
        assert slots() == [0, 1, 2]

    def test_one_that_follows_too_soon_waits_for_something_to_compare(self):
        assert sample_if_due(at(0.9))
        assert not sample_if_due(at(1.0))
        assert sample_if_due(at(1.5))
        assert slots() == [0, 1]

    def test_the_last_five_minutes_are_kept(self):
        assert KEPT * INTERVAL == 300
        Sample.objects.bulk_create(
            Sample(slot=FIRST + slot, taken_at=at(slot), machine=multiprocess.machine(), point={}, cumulative={})
            for slot in range(-70, 0)
        )
        assert sample_if_due(at(0))
        assert slots() == list(range(1 - KEPT, 1))

    def test_what_a_clock_that_was_wrong_has_left_goes(self):
        assert sample_if_due(at(5_000))
        assert sample_if_due(at(0))
        assert slots() == [0]

    def test_as_long_as_one_machine_takes_samples_no_other_does(self, monkeypatch):
        assert sample_if_due(at(0))
        own = multiprocess.machine()
        monkeypatch.setattr(multiprocess, "machine", lambda: "other")
        assert [sample_if_due(at(slot)) for slot in (1, 2)] == [False, False]
        assert sample_if_due(at(3))
        assert Sample.objects.get(slot=FIRST + 3).point["opened"] is None  # nothing of its own to compare with
        monkeypatch.setattr(multiprocess, "machine", lambda: own)
        assert not sample_if_due(at(4))

    def test_a_sample_compares_with_the_one_before_unless_that_is_old(self):
        for slot, known in ((0, False), (1, True), (3, True), (6, False)):
            assert sample_if_due(at(slot))
            assert (Sample.objects.get(slot=FIRST + slot).point["requests"] is not None) is known, slot

    def test_it_shows_who_waits_and_which_workers_serve(self):
        now, hour = timezone.now(), timedelta(hours=1)  # readings are taken by the clock
        queue_up(players(3), now - hour)
        Worker.objects.create(worker_id="a", expires_at=now + hour, release="v2")
        Worker.objects.create(worker_id="b", expires_at=now + hour, release="v1", draining=True)
        Worker.objects.create(worker_id="c", expires_at=now - hour, release="v0")
        assert sample_if_due(at(0))
        point = Sample.objects.get().point
        assert (point["waiting"], point["matches"]) == (3, {"lobby": 0, "joining": 0, "playing": 0})
        assert point["longest_wait"] >= 3600
        assert point["workers"] == {"serving": 1, "draining": 1}
        assert point["releases"] == {"v2": 1, "v1": 1}

    def test_a_sample_is_pushed_as_one_small_change(self):
        sample_if_due(at(0))
        with oracle("operations") as pushes:
            assert sample_if_due(at(KEPT))
        (push,) = pushes.publications
        start = FIRST * INTERVAL
        assert push.changes["points"].keys() == {str(start), str(start + KEPT * INTERVAL)}
        assert push.changes.keys() == {"points"}
        assert push.changes["points"][str(start)] is None

    def test_a_slot_that_is_taken_marks_nothing(self):
        sample_if_due(at(0))
        with oracle(unchanged=("operations",)):
            assert not sample_if_due(at(0.5))


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_that_find_a_slot_empty_one_writes_it(monkeypatch):
    both_have_looked = threading.Barrier(2, timeout=15)
    collect = sampling.collect

    def collected():
        both_have_looked.wait()
        return collect()

    monkeypatch.setattr(sampling, "collect", collected)
    results = []

    def take():
        try:
            results.append(sample_if_due(at(0)))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]
    assert slots() == [0]


class Hub:
    """A hub with so many connections that hold the stream."""

    def __init__(self, members: int) -> None:
        self._members = members

    def members(self, name: str) -> int:
        assert name == "operations"
        return self._members


@pytest.mark.django_db(transaction=True)
async def test_nothing_is_written_or_marked_while_nobody_looks():
    await on_database(snapshot)("operations")
    await on_database(DirtyStream.objects.all().delete)()  # emptying the tables after a test leaves marks
    assert not await Sampler(Hub(0)).sample_if_watched(at(0))
    assert not await on_database(Sample.objects.exists)()
    assert not await on_database(DirtyStream.objects.exists)()
    assert await Sampler(Hub(1)).sample_if_watched(at(1))
    assert await on_database(DirtyStream.objects.filter(stream="operations").exists)()
