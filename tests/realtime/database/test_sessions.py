"""Sessions that end when the other side is gone, and in a server process keep nobody waiting."""

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection, transaction
from psycopg import errors

from realtime.database import sessions
from realtime.database.sessions import LONG_RUNNING, SERVING, TimedOut, Timeouts
from realtime.models import Lease
from tests.waiting import wait_until
from unitemate.rest.errors import is_unreachable

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SHORT = Timeouts(lock=0.1, statement=0.2, idle=0.2, answer=5.0)


@pytest.fixture
def bound():
    """Bound the sessions that are opened from here on, those of the pool too: `bound(bounds)`."""

    def bind(bounds: Timeouts) -> None:
        sessions.set_timeouts(bounds)
        connection.close()
        connection.close_pool()

    yield bind
    bind(None)


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return cursor.fetchone()[0]


def refused(statement: str) -> Exception:
    """What comes of a statement by way of the pool."""
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


def test_the_servers_side_looks_for_this_side_too():
    """By the source of its settings: at the Unix socket of a test they have no value."""
    names = list(sessions.SERVER_KEEPALIVE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND source = 'session'", [names])
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(names)
    with sessions.open_session(5.0) as own:
        found = own.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND source = 'session'", [names])
        assert len(found.fetchall()) == len(names)


def test_a_command_may_take_its_time(bound):
    bound(None)
    assert {setting(name) for name in SERVING.as_settings()} == {"0"}
    assert connection.connection.answer_timeout is None


def test_in_a_server_process_a_statement_is_given_up(bound):
    bound(SHORT)
    error = refused("SELECT pg_sleep(60)")
    assert isinstance(error.__cause__, errors.QueryCanceled)
    assert is_unreachable(error)
    assert setting("statement_timeout") == "200ms"  # the session is as good as before


def test_in_a_server_process_a_lock_is_waited_for_only_so_long(bound):
    bound(SHORT)
    Lease.objects.create(name="held", holder="x", expires_at="2026-01-01T00:00:00Z")
    with psycopg.connect(**sessions.parameters()) as other:
        other.execute("SELECT 1 FROM realtime_lease FOR UPDATE")
        error = refused("UPDATE realtime_lease SET holder = 'y'")
    assert isinstance(error.__cause__, errors.LockNotAvailable)
    assert is_unreachable(error)
    assert Lease.objects.get().holder == "x"


def test_a_commit_that_was_held_up_finds_its_transaction_ended(bound):
    bound(SHORT)

    @transaction.atomic
    def held_up() -> None:
        Lease.objects.create(name="late", holder="x", expires_at="2026-01-01T00:00:00Z")
        number = connection.connection.info.backend_pid
        with psycopg.connect(**sessions.parameters(), autocommit=True) as other:
            there = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
            wait_until(lambda: other.execute(there, [number]).fetchone() == (0,))

    with pytest.raises((OperationalError, InternalError)) as caught:
        held_up()
    assert is_unreachable(caught.value)
    connection.close()
    assert not Lease.objects.exists()


def test_a_server_that_does_not_answer_is_given_up_with_its_session():
    session = sessions.open_session(0.1)
    with pytest.raises(TimedOut):
        session.execute("SELECT pg_sleep(60)")
    assert session.closed


async def test_so_it_is_by_coroutines():
    session = await sessions.open_async_session(0.1)
    with pytest.raises(TimedOut):
        await session.execute("SELECT pg_sleep(60)")
    assert session.closed


def test_a_proxy_waits_longer_than_a_worker():
    """A lock or a statement is given up by the server before this side gives the session up; COMMITs come in time."""
    assert max(SERVING.lock, SERVING.statement, SERVING.idle) < SERVING.answer
    assert sessions.POOL_TIMEOUT + sessions.LIVENESS_TIMEOUT + SERVING.answer <= 10


def test_work_of_staff_may_take_minutes_and_what_follows_may_not(bound):
    bound(SHORT)
    with sessions.long_transaction():
        assert setting("statement_timeout") == f"{LONG_RUNNING.statement / 60:.0f}min"
        assert connection.connection.answer_timeout == LONG_RUNNING.answer
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
    assert setting("statement_timeout") == "200ms"
    assert connection.connection.answer_timeout == SHORT.answer
