"""Hosts that vanish, are cut off from PostgreSQL, or have clocks of their own: a part of `make chaos` alone.

What is asserted of time is the promise: pushes and matches go on within fifteen seconds, and a client holds the
committed state within a heartbeat after the fault.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import httpx
import psycopg
import pytest

from realtime.client import Client, State, Timing
from realtime.delivery.hub import HubTiming
from tests.chaos.deployment import HEARTBEAT, Deployment
from tests.chaos.hosts import Host
from users import tokens

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.environ.get("CHAOS") != "whole", reason="takes minutes: make chaos"),
]

FOLLOWED = 15.0
"""Seconds within which another leads."""
SETTLING = 2.5
"""Seconds besides: for a change to be on its way."""
CUT = 30.0
"""Seconds without PostgreSQL."""
SKEW = 90.0
"""Seconds by which a host is ahead, and another behind."""


@pytest.fixture(scope="module")
def deployment():
    deployment = Deployment()
    try:
        deployment.set_up()
        yield deployment
    finally:
        deployment.stop()


@pytest.fixture
async def host(deployment):
    """Start a host: `await host(clock=90)`."""
    async with AsyncExitStack() as stack:

        async def start(clock: float = 0.0, **options) -> Host:
            started = Host(deployment, clock)
            stack.push_async_callback(started.stop)
            await started.start(**options)
            return started

        yield start


@pytest.fixture
def sql(deployment):
    """Run a statement past all hosts; returns the rows."""
    with psycopg.connect(deployment.database_url, autocommit=True) as session:

        def run(statement: str, *values):
            found = session.execute(statement, values)
            return found.fetchall() if found.description else []

        yield run


async def until(condition: Callable[[], bool], within: float, what: str) -> float:
    """Wait for it; returns how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, what
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def leads(sql, job: str, host: Host) -> bool:
    """Whether a host has proved that it does a job."""
    (found,) = sql("SELECT holder FROM realtime_lease WHERE name = %s AND expires_at > now()", job) or [("0-",)]
    return int(found[0].partition("-")[0]) in host.pids


def client_of(host: Host, name: str, **options) -> Client:
    async def token(renew: bool) -> str:
        return tokens.issue_dev_token(name)[0]

    return Client(f"ws://127.0.0.1:{host.port}/ws/", token, timing=Timing(retry_low=0.2, retry_high=2.0), **options)


def bio(client: Client) -> str:
    return (client.document(f"user_{client.user_id}") or {}).get("bio", "")


async def test_a_host_that_vanishes_is_followed(deployment, host, sql):
    first = await host(matchmaker=True)
    await until(lambda: leads(sql, "relay", first) and leads(sql, "matchmaker", first), 30, "the first leads nothing")
    second = await host(matchmaker=True)
    (name, user_id), *_ = deployment.players.items()
    async with client_of(second, name) as client:
        await client.wait_for(lambda: client.state is State.LIVE and bio(client), 30)
        first.vanish()
        sql("UPDATE users_user SET bio = 'alone' WHERE user_id = %s", user_id)
        sql("DELETE FROM matches_report; DELETE FROM matches_matchevent; DELETE FROM matches_ratingchange")
        sql("DELETE FROM matches_seat; DELETE FROM matches_match")
        sql(
            "INSERT INTO queue_app_entry (user_id, selected_roles, queued_at)"
            ' SELECT user_id, \'["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"]\', now()'
            " FROM users_user ORDER BY user_id ON CONFLICT DO NOTHING"
        )
        pushed = await until(lambda: bio(client) == "alone", FOLLOWED + SETTLING, "no push after the leader vanished")
        made = await until(lambda: bool(sql("SELECT 1 FROM matches_match")), FOLLOWED + SETTLING, "no match")
        print(f"followed after {pushed:.1f} s; a match {made:.1f} s later")


async def test_a_leader_that_is_cut_off_holds_nobody_up_and_comes_back(deployment, host, sql):
    first = await host()
    await until(lambda: leads(sql, "relay", first), 30, "the first does not lead")
    second = await host()
    (name, user_id), *_ = deployment.players.items()
    token = tokens.issue_dev_token(name)[0]

    async def poll():
        async with httpx.AsyncClient(base_url=second.url, headers={"Authorization": f"Bearer {token}"}) as http:
            found = (await http.get("/api/users/me")).raise_for_status().json()
        return {f"user_{user_id}": (found.pop("epoch"), found.pop("seq"), found)}

    async with client_of(first, name, poll=poll) as cut_off, client_of(second, name) as other:
        for client in (cut_off, other):
            await client.wait_for(lambda client=client: client.state is State.LIVE and bio(client), 30)
        cut = asyncio.create_task(first.database.stall(CUT))
        await asyncio.sleep(0)
        sql("UPDATE users_user SET bio = 'cut off' WHERE user_id = %s", user_id)
        async with httpx.AsyncClient(base_url=first.url, headers={"Authorization": f"Bearer {token}"}) as http:
            answer = await http.patch("/api/users/me/profile", json={"bio": "late"}, timeout=CUT)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert not cut.done()
        took = await until(lambda: bio(other) == "cut off", FOLLOWED + SETTLING, "no push while the leader was cut off")
        # Its worker has the change by way of Redis; that it cannot compare with the database is told by a heartbeat.
        told = HubTiming().uncertain_after + HEARTBEAT + SETTLING
        await until(lambda: cut_off.counters.polls > 0, told, "who is cut off does not poll")
        assert bio(cut_off) == "cut off"
        assert not cut.done()
        await cut
        sql("UPDATE users_user SET bio = 'after the cut' WHERE user_id = %s", user_id)
        for client in (cut_off, other):
            await until(lambda client=client: bio(client) == "after the cut", HEARTBEAT + SETTLING, "not whole again")
        assert cut_off.state is State.LIVE
        print(f"followed after {took:.1f} s")


async def test_hosts_whose_clocks_differ_leave_each_other_alone(deployment, host, sql):
    ahead, behind = await host(SKEW), await host(-SKEW)
    names = list(deployment.players)[:2]
    async with client_of(ahead, names[0]) as one, client_of(behind, names[1]) as two:
        for client in (one, two):
            await client.wait_for(lambda client=client: client.state is State.LIVE and bio(client), 30)
        ids = [deployment.players[name] for name in names]

        def present() -> set[str]:
            return {owner for (owner,) in sql("SELECT owner FROM realtime_presence")}

        await until(lambda: present() == set(ids), 15, "not both are present")
        lost: list[set[str]] = []
        await _watch(lambda: lost.append(present()) if present() != set(ids) else None, 12.0)  # two renewals
        assert not lost
        for host_ in (ahead, behind):  # what the layer loses is found by comparison
            host_.redis.vanish()
        sql("UPDATE users_user SET bio = 'found' WHERE user_id = ANY(%s)", ids)
        for client in (one, two):
            await until(
                lambda client=client: bio(client) == "found",
                HEARTBEAT + SETTLING,
                "no repair from the heads",
            )
        for host_, side in ((ahead, "ahead of"), (behind, "behind")):
            said = (await asyncio.to_thread(httpx.get, host_.url + "/readyz", timeout=20)).json()
            assert said["clock"] == f"this host's clock is {SKEW:.0f} s {side} the database's"


async def _watch(look: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        look()
        await asyncio.sleep(0.2)
