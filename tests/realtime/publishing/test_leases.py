"""A lease has one holder at a time, and a dead holder does not keep it."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from realtime.database import sessions
from realtime.models import Lease as Row
from realtime.publishing import leases as lease_module
from realtime.publishing.leases import Lease, LeaseTiming, lock_key
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_holds_it_and_may_renew_it():
    first, second = Lease("job"), Lease("job")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_different_jobs_do_not_meet():
    first, second = Lease("job"), Lease("other job")
    assert first.acquire()
    assert second.acquire()
    first.release()
    second.release()


def test_giving_up_what_one_does_not_hold_is_harmless():
    first, second = Lease("job"), Lease("job")
    assert first.acquire()
    second.release()
    assert not second.acquire()
    first.release()


@pytest.mark.sqlite
def test_a_row_that_is_not_renewed_runs_out():
    dead, heir = Lease("job"), Lease("job")
    assert dead.acquire()
    Row.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert heir.acquire()
    assert not dead.acquire()


@pytest.mark.postgres
def test_a_session_that_ends_gives_its_lock_up():
    dead, heir = Lease("job"), Lease("job")
    assert dead.acquire()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    wait_until(heir.acquire)
    with pytest.raises(psycopg.OperationalError):
        dead.acquire()  # it learns of its loss instead of going on
    assert not dead.acquire()
    heir.release()


@pytest.fixture
def silent():
    """A holder whose host is gone without a word: the server still has its session, and nobody renews it."""
    lease = Lease("job", LeaseTiming(lasts=0.0))
    assert lease.acquire()
    yield lease
    lease.release()


@pytest.mark.postgres
def test_a_holder_that_is_silent_is_ended_and_another_follows(silent):
    heir = Lease("job")
    wait_until(heir.acquire, within=5)  # the first attempt ends the session, a later one finds the lock free
    with pytest.raises(psycopg.OperationalError):
        silent.acquire()
    assert not silent.acquire()
    assert heir.acquire()
    heir.release()


@pytest.mark.postgres
def test_a_holder_that_proves_itself_is_left_alone():
    first, second = Lease("job"), Lease("job")
    assert first.acquire()
    Row.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert first.acquire()
    assert not second.acquire()
    assert first.acquire()
    first.release()
    second.release()


@pytest.mark.postgres
def test_a_job_is_abandoned_once_its_holder_is_silent_unless_an_old_version_does_it(silent):
    Row.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert lease_module.is_abandoned("job", 15.0)
    assert not lease_module.is_abandoned("job", 90.0)
    assert not lease_module.is_abandoned("other job", 15.0)
    silent.release()
    assert lease_module.is_abandoned("job", 15.0)
    with sessions.open_session(5.0) as old:  # which has no more than the lock
        old.execute("SELECT pg_advisory_lock(%s)", [lock_key("job")])
        assert not lease_module.is_abandoned("job", 15.0)
        heir = Lease("job")
        assert not heir.acquire()
        assert not heir.acquire()
        old.execute("SELECT 1")  # it is left alone
        heir.release()


@pytest.mark.postgres
@pytest.mark.parametrize("other", ["another session of that number", "a session without the lock", "nobody known"])
def test_no_other_session_is_ended(silent, other):
    heir = Lease("job")
    if other == "another session of that number":
        Row.objects.update(backend_start=F("backend_start") - timedelta(seconds=1))
    elif other == "nobody known":
        Row.objects.all().delete()
    with sessions.open_session(5.0) as bystander:
        if other == "a session without the lock":
            mine = bystander.execute("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
            Row.objects.update(**dict(zip(("backend_pid", "backend_start"), mine.fetchone(), strict=True)))
        assert not heir.acquire()
        assert not heir.acquire()
        bystander.execute("SELECT 1")
        held = bystander.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s::bigint",
            [lock_key("job") & 0xFFFFFFFF],
        )
        assert held.fetchone() == (1,)
    heir.release()


@pytest.mark.postgres
def test_a_holder_whose_row_is_gone_gives_the_lock_up():
    first, second = Lease("job"), Lease("job")
    assert first.acquire()
    Row.objects.all().delete()
    assert not first.acquire()
    wait_until(second.acquire, within=5)
    second.release()
    first.release()


def test_another_follows_within_fifteen_seconds():
    """What a silent holder costs: until its row expires, an attempt that ends it, and one that finds the lock free."""
    timing = LeaseTiming()
    assert timing.lasts + 2 * timing.retry_every <= 15
    # A holder that is cut off gives up before another follows.
    assert timing.renew_every + timing.statement_timeout < timing.lasts
