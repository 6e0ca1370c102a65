"""The relay: whatever process wrote, and whoever led before, what is marked gets published and sent."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from contextvars import ContextVar
from dataclasses import replace

import pytest
from django.db import connection

from queue_app.services import entry_create
from realtime.database import sessions
from realtime.database.threads import in_thread
from realtime.models import DirtyStream
from realtime.publishing import relay as relay_module
from realtime.publishing.leases import LeaseTiming
from realtime.publishing.publisher import snapshot
from realtime.publishing.relay import Relay, RelayTiming
from tests.chaos.proxy import Proxy
from tests.figures import figure
from tests.scenes import players
from tests.waiting import on_database, until
from users.models import User
from users.services import profile_update

pytestmark = pytest.mark.django_db(transaction=True)


class Layer:
    """Keeps what is sent; refuses while it is down."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue = asyncio.Queue()
        self.down = False
        self.hangs = False
        self.hanging = 0

    async def group_send(self, group, message) -> None:
        if self.down:
            raise ConnectionError
        if self.hangs:
            self.hanging += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.hanging -= 1
        self.sent.put_nowait((group, message))

    async def next(self):
        """The next change; a stream's first version is not one."""
        async with asyncio.timeout(10):
            while True:
                group, message = await self.sent.get()
                if message["prev"]:
                    return group, message


@pytest.fixture
async def ann():
    (user,) = await on_database(players)(1, "Ann")
    await on_database(snapshot)(f"user_{user.user_id}")
    return user


@pytest.fixture
async def layer():
    return Layer()


@pytest.fixture
async def relay(layer):
    relay = Relay(layer)
    await relay.start()
    yield relay
    await relay.stop()


async def test_a_committed_change_is_sent_to_the_streams_group(relay, layer, ann):
    await on_database(profile_update)(user=ann, bio="hello")
    group, message = await layer.next()
    assert group == message["stream"] == f"user_{ann.user_id}"
    assert (message["type"], message["changes"], message["seq"]) == ("stream.update", {"bio": "hello"}, 2)


async def test_a_write_that_no_signal_announces_is_found(relay, layer, ann):
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="bulk")
    assert (await layer.next())[1]["changes"] == {"bio": "bulk"}


async def test_a_write_of_another_process_is_found(relay, layer, ann):
    code = (
        "import os, django; from django.conf import settings; django.setup();"
        "settings.DATABASES['default']['NAME'] = os.environ['TEST_NAME'];"
        "from users.models import User; User.objects.update(bio='from outside')"
    )
    name = str(connection.settings_dict["NAME"])

    def run() -> None:
        environment = {**os.environ, "TEST_NAME": name, "DJANGO_SETTINGS_MODULE": "unitemate.settings"}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)

    await asyncio.to_thread(run)
    assert (await layer.next())[1]["changes"] == {"bio": "from outside"}


async def test_a_failing_layer_fails_no_write_and_loses_no_number(relay, layer, ann):
    layer.down = True
    failures = figure("unitemate_layer_failures_total", operation="send")
    await on_database(profile_update)(user=ann, bio="unsent")
    await until(lambda: snapshot(f"user_{ann.user_id}").seq == 2 and not DirtyStream.objects.exists())
    layer.down = False
    await on_database(profile_update)(user=ann, bio="sent")
    message = (await layer.next())[1]
    assert (message["prev"], message["seq"]) == (2, 3)
    assert figure("unitemate_layer_failures_total", operation="send") > failures


async def test_a_hanging_layer_holds_nothing_up_for_long(relay, layer, ann):
    timing = relay.timing
    relay.timing = replace(timing, layer_timeout=0.05)
    layer.hangs = True
    for bio in ("1", "2", "3"):
        await on_database(profile_update)(user=ann, bio=bio)
    await until(lambda: not DirtyStream.objects.exists() and relay._outbox.empty() and not layer.hanging)
    relay.timing = replace(timing, layer_timeout=3600.0)  # what follows may take its time on a busy machine
    layer.hangs = False
    await on_database(profile_update)(user=ann, bio="sent")
    while (await layer.next())[1]["changes"] != {"bio": "sent"}:
        pass
    assert relay._outbox.empty()


async def test_a_failing_database_is_tried_again(layer, ann, monkeypatch):
    publish, failures = relay_module.publish_dirty, iter([ConnectionError, ConnectionError])

    def sometimes():
        for failure in failures:
            raise failure
        return publish()

    monkeypatch.setattr(relay_module, "publish_dirty", sometimes)
    failed = figure("unitemate_publish_failures_total")
    relay = Relay(layer, RelayTiming(retry_after=0.01))
    await relay.start()
    await on_database(profile_update)(user=ann, bio="hello")
    assert (await layer.next())[1]["changes"] == {"bio": "hello"}
    assert figure("unitemate_publish_failures_total") == failed + 2
    await relay.stop()


async def test_after_a_look_that_found_nothing_to_publish_further_marks_collect_as_well(layer, monkeypatch):
    """As when players whose streams nobody has ever asked for join one after the other."""
    looks = []
    monkeypatch.setattr(relay_module, "publish_dirty", lambda: (looks.append("a look"), ([], False))[1])
    relay = Relay(layer, RelayTiming(collect_for=3600.0))
    await relay.start()
    await until(lambda: looks)
    for _ in range(5):
        relay.notify()
        for _ in range(10):  # the loop tells the task
            await asyncio.sleep(0)
        await in_thread(looks.copy)  # and a look would have begun before this
    assert len(looks) == 1
    await relay.stop()


async def test_a_stream_that_is_switched_off_is_numbered_and_not_sent(relay, layer, ann, settings):
    settings.REALTIME_PUSH = {**settings.REALTIME_PUSH, "queue": False}
    before = (await on_database(snapshot)("queue")).seq
    await on_database(entry_create)(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"])
    await on_database(profile_update)(user=ann, bio="hello")
    while True:
        stream, message = await layer.next()
        assert stream == f"user_{ann.user_id}"
        if "bio" in message["changes"]:
            break
    assert (await on_database(snapshot)("queue")).seq == before + 1


async def test_an_owners_stream_is_sent_all_the_same_since_it_says_what_the_owner_may_see(relay, layer, ann, settings):
    settings.REALTIME_PUSH = {**settings.REALTIME_PUSH, "user": False}
    await on_database(profile_update)(user=ann, bio="hello")
    assert (await layer.next())[0] == f"user_{ann.user_id}"


@pytest.mark.postgres
async def test_of_two_relays_one_publishes_and_the_other_takes_over(layer, ann):
    other_layer = Layer()
    first, second = Relay(layer), Relay(other_layer)
    await first.start()
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="1")
    await layer.next()
    await second.start()
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="2")
    assert (await layer.next())[1]["changes"] == {"bio": "2"}
    assert other_layer.sent.empty()
    await first.stop()
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="3")
    assert (await other_layer.next())[1]["changes"] == {"bio": "3"}
    await second.stop()


@pytest.fixture
async def gate(monkeypatch):
    """A way to the database that can be shut: relays that are started while `gate.is_taken` is set go by it."""
    folder = tempfile.mkdtemp(prefix="gate-")  # near the root: the path of a socket must be short
    parameters = sessions.parameters()
    gate = Proxy(f"{parameters['host']}/.s.PGSQL.5432", f"{folder}/.s.PGSQL.5432")
    gate.is_taken = ContextVar("gate", default=False)
    monkeypatch.setattr(sessions, "parameters", lambda: parameters | ({"host": folder} if gate.is_taken.get() else {}))
    await gate.start()
    yield gate
    await gate.stop()
    shutil.rmtree(folder)


@pytest.mark.postgres
@pytest.mark.parametrize("fault", ["vanish", "stall"])
async def test_a_leader_whose_host_is_gone_or_cut_off_is_followed_by_another(layer, ann, gate, fault):
    other_layer = Layer()
    timing = RelayTiming(lease=LeaseTiming(lasts=1.5, renew_every=0.2, retry_every=0.1, statement_timeout=0.5))
    first, second = Relay(layer, timing), Relay(other_layer, timing)
    gate.is_taken.set(True)
    await first.start()
    gate.is_taken.set(False)
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="1")
    await layer.next()
    await second.start()
    if fault == "vanish":
        gate.vanish()
    else:
        stalled = asyncio.create_task(gate.stall(60.0))
    await until(lambda: second._leads)
    assert not first._leads
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="2")
    assert (await other_layer.next())[1]["changes"] == {"bio": "2"}
    assert layer.sent.empty()
    if fault == "stall":
        stalled.cancel()
        gate._flows.set()
    await first.stop()
    await second.stop()


@pytest.mark.postgres
async def test_a_leader_that_cannot_publish_lets_another_try(layer, ann, monkeypatch):
    other_layer = Layer()
    timing = RelayTiming(give_up_after=0.1, retry_after=0.01, lease=LeaseTiming(renew_every=0.1))
    first, second = Relay(layer, timing), Relay(other_layer, timing)
    fails, publish = True, relay_module.publish_dirty

    def publish_unless_it_fails():
        if fails:
            raise ConnectionError
        return publish()

    monkeypatch.setattr(relay_module, "publish_dirty", publish_unless_it_fails)
    await first.start()
    await until(lambda: first._leads)
    await second.start()
    await until(lambda: second._leads)
    fails = False
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="1")
    assert (await other_layer.next())[1]["changes"] == {"bio": "1"}
    await first.stop()
    await second.stop()


@pytest.mark.postgres
async def test_a_relay_whose_session_is_cut_leads_again(relay, layer, ann):
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="1")
    await layer.next()

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )

    await on_database(cut)()
    await on_database(User.objects.filter(pk=ann.pk).update)(bio="2")
    assert (await layer.next())[1]["changes"] == {"bio": "2"}
