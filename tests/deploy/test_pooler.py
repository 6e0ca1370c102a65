"""A connection pooler between the service and PostgreSQL: in transaction mode it is refused, wherever it is met."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from matches.matchmaker import Matchmaker
from realtime import checks
from realtime.database import pooling, sessions
from tests.backend import free_port
from tests.missing import untested
from tests.waiting import wait_until
from unitemate.serving import health

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pooler(monkeypatch):
    """Put PgBouncer in between: `pooler("transaction")`; returns the address by which it is asked."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        untested("NO PGBOUNCER: install it (Debian: pgbouncer); that it is refused is NOT tested")
    parameters = sessions.parameters()
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    owner = Path(parameters["host"]).owner()  # nobody else gets there, and pgbouncer does not run as root
    started = []

    def start(mode: str, size: int = 5) -> str:
        port = free_port()
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host={parameters['host']} user={parameters['user']}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = {mode}\ndefault_pool_size = {size}\nquery_wait_timeout = 20\n"
        )
        command = [found, "-q", *(["-u", owner] if os.geteuid() == 0 else []), folder / "pgbouncer.ini"]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        through = parameters | {"host": "127.0.0.1", "port": port}

        def answers() -> bool:
            try:
                psycopg.connect(**through).close()
            except psycopg.OperationalError:
                return False
            return True

        wait_until(answers)
        monkeypatch.setattr(sessions, "parameters", lambda: dict(through))
        return f"postgresql://{parameters['user']}@127.0.0.1:{port}/{parameters['dbname']}"

    yield start
    for process in started:
        process.terminate()
        process.wait(10)
    shutil.rmtree(folder)


def test_postgresql_itself_is_known():
    assert not pooling.is_transaction_pooled()
    assert checks.pooler(None) == []


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_hands_sessions_on_is_known(pooler, mode, size):
    pooler(mode, size)
    assert pooling.is_transaction_pooled()
    assert [message.id for message in checks.pooler(None)] == ["realtime.E001"]


def test_one_that_gives_each_client_a_session_may_stand_there(pooler):
    pooler("session")
    assert not pooling.is_transaction_pooled()
    worker = Matchmaker(interval=5)
    worker.tick(0)
    assert worker._holds
    worker.stop()


def test_behind_it_nobody_leads(pooler):
    pooler("transaction")
    worker = Matchmaker(interval=5)
    with pytest.raises(pooling.TransactionPooling):
        worker.tick(0)
    assert not worker._holds


async def test_readyz_names_it(pooler):
    pooler("transaction")
    assert await health._outcome(health._database) == pooling.PROBLEM


@pytest.mark.parametrize("command", [["serve"], ["run_matchmaker"], ["check", "--deploy"]])
def test_what_would_serve_behind_it_does_not_start(pooler, command):
    pooler("transaction")
    with pytest.raises(CommandError) as caught:
        call_command(*command)
    assert pooling.PROBLEM in str(caught.value)
    assert "pool_mode = session" in str(caught.value)
