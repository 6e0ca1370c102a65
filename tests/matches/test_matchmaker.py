"""The matchmaker as a process: when it works, that only one does, and that it survives and stops."""

import signal
import subprocess
import sys
import threading
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections

from matches import matchmaker
from matches.matchmaker import Matchmaker
from matches.models import Match, Status
from queue_app.models import Entry
from queue_app.services import entry_create
from realtime.publishing.leases import Lease, LeaseTiming
from users.roles import ROLES


@pytest.fixture
def rounds():
    """Counts the rounds; none of them does anything."""
    with mock.patch.object(matchmaker, "matchmaking_round", return_value=[]) as counted:
        yield counted


@pytest.fixture
def worker(db):
    made = Matchmaker(interval=5)
    yield made
    made.stop()


def join(user) -> None:
    entry_create(user_id=user.user_id, selected_roles=list(ROLES))


class TestWhenItWorks:
    def test_at_the_start_and_then_by_the_clock(self, worker, rounds):
        for at, count in ((0, 1), (0.2, 1), (4.9, 1), (5.0, 2), (5.2, 2)):
            worker.tick(at)
            assert rounds.call_count == count

    def test_at_once_when_somebody_joins(self, worker, rounds, make_user):
        worker.tick(0)
        join(make_user())
        worker.tick(0.2)
        assert rounds.call_count == 2
        worker.tick(0.4)
        assert rounds.call_count == 2

    def test_who_joins_during_a_round_brings_on_another(self, worker, rounds, make_user):
        user = make_user()
        rounds.side_effect = lambda **_: [] if Entry.objects.exists() else join(user) or []
        worker.tick(0)
        worker.tick(0.2)
        assert rounds.call_count == 2

    def test_time_limits_are_checked_every_time(self, worker, rounds):
        with mock.patch.object(matchmaker, "matches_advance") as advance:
            for at in (0, 0.2, 0.4):
                worker.tick(at)
        assert advance.call_count == 3


@pytest.mark.django_db
def test_one_round_makes_a_match(ten):
    call_command("run_matchmaker", "--once")
    assert Match.objects.get().status == Status.MATCHED


class TestTheLease:
    def test_only_the_holder_works(self, worker, rounds):
        other = Matchmaker(interval=5)
        worker.tick(0)
        for at in (0, 1, 20):
            other.tick(at)
        assert rounds.call_count == 1

    def test_another_takes_over_when_it_is_given_up(self, worker, rounds):
        other = Matchmaker(interval=5)
        worker.tick(0)
        other.tick(0)
        worker.stop()
        other.tick(LeaseTiming().retry_every)
        assert rounds.call_count == 2
        other.stop()

    def test_who_has_lost_it_stops_working(self, worker, rounds):
        worker.tick(0)
        worker.stop()
        usurper = Lease("matchmaker", LeaseTiming(lasts=60))
        assert usurper.acquire()
        worker.tick(LeaseTiming().lasts)
        assert rounds.call_count == 1
        usurper.release()


@pytest.mark.django_db
class TestTrouble:
    def test_a_failing_database_is_survived_with_growing_pauses(self, monkeypatch):
        worker = Matchmaker(interval=5)
        stop = mock.Mock(**{"is_set.side_effect": [False] * 9 + [True]})
        tick = mock.Mock(side_effect=[None, *[OperationalError("gone")] * 7, None])
        monkeypatch.setattr(worker, "tick", tick)
        monkeypatch.setattr(matchmaker.connection, "close", lambda: None)
        worker.run(stop, clock=lambda: 0.0)
        pauses = [call.args[0] for call in stop.wait.call_args_list]
        assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 0.2]

    def test_any_other_mistake_is_survived_too(self, monkeypatch):
        worker = Matchmaker(interval=5)
        stop = mock.Mock(**{"is_set.side_effect": [False, False, True]})
        tick = mock.Mock(side_effect=[KeyError("a role nobody knows"), None])
        monkeypatch.setattr(worker, "tick", tick)
        monkeypatch.setattr(matchmaker.connection, "close", lambda: None)
        worker.run(stop, clock=lambda: 0.0)
        assert tick.call_count == 2


@pytest.mark.django_db(transaction=True)
def test_it_works_until_it_is_told_to_stop(ten):
    stop = threading.Event()

    def work() -> None:
        try:
            Matchmaker(interval=5).run(stop)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(200):
            if Match.objects.exists():
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join(10)
    assert Match.objects.count() == 1
    assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_stops_cleanly_when_told_to(number, tmp_path, monkeypatch):
    """On a database of its own that has no tables yet: it waits for them, and still hears the signal."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_matchmaker"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr:
            if "the matchmaker failed" in line:
                break
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        process.kill()
