"""What is answered while the database cannot be reached, and what is no such thing."""

import psycopg
import pytest
from django.conf import settings as project
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpResponse
from psycopg import errors
from psycopg_pool import ConnectionPool, PoolTimeout

from realtime import rest
from realtime.database.sessions import TimedOut
from tests.backend import free_port
from tests.waiting import wait_until
from unitemate.rest.errors import is_unreachable
from unitemate.telemetry.requests import RequestMiddleware


def raised(error: type[Exception], cause: Exception | None) -> Exception:
    """As Django raises it: its own error, from that of the driver."""
    try:
        raise error("as the driver says") from cause
    except error as found:
        return found


AWAY = [
    (OperationalError, PoolTimeout()),
    (OperationalError, psycopg.OperationalError("server closed the connection unexpectedly")),
    (InterfaceError, psycopg.InterfaceError("the connection is lost")),
    (OperationalError, errors.AdminShutdown()),
    (OperationalError, errors.CrashShutdown()),
    (OperationalError, errors.CannotConnectNow()),
    (OperationalError, errors.TooManyConnections()),
    (OperationalError, errors.ConnectionFailure()),
    (OperationalError, TimedOut()),
    (OperationalError, errors.LockNotAvailable()),
    (OperationalError, errors.QueryCanceled()),
    (InternalError, errors.IdleInTransactionSessionTimeout()),
]
NOT_AWAY = [
    (ProgrammingError, errors.UndefinedTable()),
    (OperationalError, errors.DiskFull()),
    (OperationalError, None),
    (ValueError, psycopg.OperationalError()),
]


def name(value: object) -> str:
    return type(value).__name__ if isinstance(value, Exception) else getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("error", "cause"), AWAY, ids=name)
@pytest.mark.django_db
def test_without_the_database_the_answer_is_a_503_that_says_when_to_come_back(
    client, caplog, monkeypatch, error, cause
):
    def broken(stream):
        raise raised(error, cause)

    monkeypatch.setattr(rest, "answer", broken)
    answer = client.get("/api/queue")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json() == {
        "type": "server_error",
        "errors": [
            {
                "code": "unavailable",
                "detail": "The service is interrupted. Try again in a few seconds.",
                "attr": None,
            }
        ],
    }
    (line,) = caplog.records
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert line.getMessage() == f"the database cannot be reached: {type(cause).__name__}"


def test_a_lock_of_sqlite_that_stays_is_no_fault_of_the_request():
    assert is_unreachable(OperationalError("database is locked"))


def test_a_page_says_so_in_a_plain_line(rf, caplog):
    middleware = RequestMiddleware(lambda request: HttpResponse())
    answer = middleware.process_exception(rf.get("/admin/"), raised(OperationalError, PoolTimeout()))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert [line.levelname for line in caplog.records] == ["WARNING"]
    assert middleware.process_exception(rf.get("/admin/"), ValueError()) is None


@pytest.mark.parametrize(("error", "cause"), NOT_AWAY, ids=name)
@pytest.mark.django_db
def test_what_the_database_refuses_is_a_fault_and_told_with_its_traceback(client, caplog, monkeypatch, error, cause):
    def broken(stream):
        raise raised(error, cause)

    monkeypatch.setattr(rest, "answer", broken)
    client.raise_request_exception = False
    assert client.get("/api/queue").status_code == 500
    (line,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert line.exc_info


@pytest.mark.django_db
def test_the_document_has_it_for_every_operation(client):
    paths = client.get("/api/schema/?format=json").json()["paths"]
    operations = [one for path, methods in paths.items() if path != "/api/schema/" for one in methods.values()]
    assert len(operations) > 20
    assert [one["operationId"] for one in operations if "503" not in one["responses"]] == []


@pytest.mark.parametrize("pool", [None, {"min_size": 1, "max_size": 1, "timeout": 0.2, "reconnect_timeout": 0.1}])
def test_a_server_that_is_not_there_is_recognised(django_db_blocker, pool):
    usual = connections["default"].settings_dict
    options = {"pool": pool} if pool else {}
    where = {"HOST": "127.0.0.1", "PORT": str(free_port()), "NAME": "none", "USER": "nobody", "PASSWORD": "none"}
    connection = DatabaseWrapper(usual | where | {"OPTIONS": options}, alias=f"nowhere {bool(pool)}")
    try:
        with django_db_blocker.unblock(), pytest.raises(OperationalError) as caught:
            connection.ensure_connection()
    finally:
        connection.close_pool()
    assert is_unreachable(caught.value)


@pytest.mark.postgres
def test_the_pool_gives_up_soon_and_so_begins_anew_with_the_next_request():
    options = project.DATABASES["default"]["OPTIONS"]["pool"]
    nowhere = f"host=127.0.0.1 port={free_port()} dbname=none user=nobody"
    given_up = []
    with ConnectionPool(nowhere, open=False, reconnect_failed=given_up.append, **options) as pool:
        wait_until(lambda: given_up == [pool])
