"""A lease has one holder at a time, and a dead holder does not keep it."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from realtime.lease import Lease
from realtime.models import Lease as Row
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
