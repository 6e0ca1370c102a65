"""PostgreSQL away for a while, or silent, under a worker that goes on running."""

import asyncio
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from realtime.database import sessions
from tests.chaos.proxy import Proxy
from tests.deploy import site
from tests.waiting import until

pytestmark = pytest.mark.postgres

PROXYS_PATIENCE = 30.0
"""Seconds that nginx waits for an answer (`proxy_read_timeout` in deploy/nginx.conf)."""


def test_a_worker_says_that_it_cannot_serve_and_does_so_again_at_the_first_question():
    with site.running(workers=1) as running:
        (port,) = running.ports
        running.shut_database()
        try:
            # It waits for a session as long as it may, a few seconds.
            answer = httpx.get(f"http://127.0.0.1:{port}/api/queue", timeout=30, trust_env=False)
        finally:
            running.open_database()
        assert site.ready(port)
        told = Path(running.log.name).read_text()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert told.count("the database cannot be reached: PoolTimeout") == 1


@pytest.fixture
async def behind():
    """A worker that reaches its database by `behind.gate`, with Ann signed in to `behind.http`."""
    site_ = await asyncio.to_thread(site.Site, 1)
    host = sessions.parameters()["host"]
    gate = Proxy(f"{host}/.s.PGSQL.5432", f"{site_._folder}/.s.PGSQL.5432")
    await gate.start()
    site_.environment["DATABASE_URL"] = site_.database_url.replace(host, site_._folder)
    try:
        await asyncio.to_thread(site_.start)
        url = f"http://127.0.0.1:{site_.ports[0]}/api"
        async with httpx.AsyncClient(base_url=url, timeout=PROXYS_PATIENCE, trust_env=False) as http:
            signed_in = (await http.post("/auth/dev/login", json={"name": "Ann"})).json()
            http.headers["Authorization"] = f"Bearer {signed_in['token']}"
            assert (await http.get("/users/me")).status_code == 200
            site_.gate, site_.http = gate, http
            yield site_
    finally:
        gate._flows.set()
        await asyncio.to_thread(site_.stop)
        await gate.stop()


def is_refused(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 503
        and answer.headers["Retry-After"] == "5"
        and answer.json()["errors"][0]["code"] == "unavailable"
    )


async def test_what_a_silent_database_could_not_confirm_is_refused_soon_and_never_committed(behind):
    late = behind.http.patch("/users/me/profile", json={"bio": "late"})
    with psycopg.connect(behind.database_url, autocommit=True) as own, psycopg.connect(behind.database_url) as other:

        def found(where: str) -> bool:
            query = f"SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND {where}"  # noqa: S608
            return own.execute(query).fetchone() is not None

        other.execute("SELECT 1 FROM users_user FOR UPDATE")
        late = asyncio.create_task(late)
        await until(lambda: found("wait_event_type = 'Lock'"))
        stalled = asyncio.create_task(behind.gate.stall(120.0))
        await asyncio.sleep(0)
        other.rollback()  # its row is locked now, and nobody hears of it
        began = time.monotonic()
        another = await behind.http.patch("/users/me/profile", json={"bio": "later"})
        assert is_refused(another)
        assert is_refused(await late)
        assert time.monotonic() - began < PROXYS_PATIENCE
        stalled.cancel()
        behind.gate._flows.set()  # what was held up arrives
        await asyncio.to_thread(site.wait_until_ready, behind.ports[0])
        await until(lambda: not found("pid <> pg_backend_pid() AND state <> 'idle'"))
    assert (await behind.http.get("/users/me/profile")).json()["bio"] == ""


async def test_a_write_that_waits_for_a_lock_is_refused_soon(behind):
    with psycopg.connect(behind.database_url) as other:
        other.execute("SELECT 1 FROM users_user FOR UPDATE")
        answer = await behind.http.patch("/users/me/profile", json={"bio": "late"})
        assert is_refused(answer)
    assert (await behind.http.get("/users/me/profile")).json()["bio"] == ""
    assert (await behind.http.patch("/users/me/profile", json={"bio": "now"})).status_code == 200
