"""What is counted of sockets, frames and publishing, and that no label names anybody."""

import asyncio
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import websockets
from django.utils import timezone

from queue_app.services import entry_create
from realtime import metrics
from realtime.client import Client
from realtime.delivery.fanout import MERGE_WINDOW, Stream
from realtime.models import DirtyStream
from realtime.protocol import Mirror, Position
from realtime.publishing.publisher import publish_dirty, snapshot
from realtime.socket.heartbeat import HeartbeatSender
from realtime.streams import Audience, StreamType
from realtime.telemetry import multiprocess
from tests.figures import figure
from tests.realtime.links import FrameLink
from tests.scenes import players
from tests.waiting import PATIENCE, on_database, until
from users.tokens import issue_dev_token


class Counted:
    """What figures of one name have risen by within a block; by the values of their labels."""

    def __init__(self) -> None:
        self.before: dict = {}

    def __call__(self, name: str, **labels: str) -> float:
        return figure(name, **labels) - self.before.get((name, *sorted(labels.items())), 0.0)


@contextmanager
def counting():
    counted = Counted()
    for metric in multiprocess.REGISTRY.collect():
        for sample in metric.samples:
            counted.before[sample.name, *sorted(sample.labels.items())] = sample.value
    yield counted


class Clock:
    now = 1000.0

    def time(self) -> float:
        return self.now

    def call_later(self, delay, callback):
        return asyncio.get_running_loop().call_later(3600, callback)


@pytest.fixture
async def stream():
    stream = Stream(
        "toy", StreamType("toy", None, Audience.EVERYONE, "toyInfo", "toyUpdate", "toyInfo"), lambda *_: None, Clock()
    )
    stream.mirror = Mirror("e", 1, {"n": 0})
    stream.flush()
    stream._clock.now += 1
    yield stream
    stream.stop()


def publish(stream: Stream, number: int, at: float = 0.0) -> None:
    seq = stream.mirror.seq
    message = {"epoch": "e", "prev": seq, "seq": seq + 1, "changes": {"n": number}, "timestamp": at}
    stream.take(message)


def join(stream: Stream) -> FrameLink:
    link = FrameLink(lambda frame: None, lambda reason: None)
    stream.add(link.connection, Position("e", 1), None)
    return link


async def test_a_frame_is_counted_for_each_socket_that_it_went_to(stream):
    full, *others = (join(stream) for _ in range(4))
    full.connection.ready = False
    with counting() as counted:
        publish(stream, 1)
        stream.flush()
    assert counted("unitemate_sent_frames_total", kind="toy", action="toyUpdate") == len(others)
    assert counted("unitemate_behind_total", kind="toy") == 1
    size = counted("unitemate_sent_bytes_total", kind="toy", action="toyUpdate") / len(others)
    assert size == int(size)
    assert 100 < size < 200


async def test_merged_changes_are_counted_with_what_merged_them(stream):
    link = join(stream)
    with counting() as counted:
        for number in range(3):
            publish(stream, number)
        stream.flush()
    assert counted("unitemate_merged_total", kind="toy", cause="burst") == 2
    link.stall()
    with counting() as counted:
        for number in range(10, 15):  # the first is on its way, four wait
            publish(stream, number)
            stream.flush()
        link.drain()
    assert counted("unitemate_merged_total", kind="toy", cause="slow_link") == 3
    assert counted("unitemate_merged_total", kind="toy", cause="burst") == 0


async def test_the_time_from_publishing_is_that_of_the_oldest_change(stream):
    join(stream)
    with counting() as counted:
        publish(stream, 1, time.time() - 100)
        publish(stream, 2, time.time() - MERGE_WINDOW)
        stream.flush()
    assert counted("unitemate_push_seconds_count", kind="toy") == 1
    assert 100 <= counted("unitemate_push_seconds_sum", kind="toy") < 200


async def test_a_gap_is_counted(stream):
    with counting() as counted:
        stream.take({"epoch": "e", "prev": 7, "seq": 8, "changes": {}, "timestamp": 0.0})
    assert counted("unitemate_gaps_total", kind="toy") == 1


async def test_time_is_counted_for_every_connection():
    heart = HeartbeatSender()
    heart._counted_until = 100.0
    for _ in range(3):
        heart.add(FrameLink(lambda frame: None, lambda reason: None).connection)
    with counting() as counted:
        heart._count_time(100.5)
        heart._count_time(102.0)
    assert counted("unitemate_connected_seconds_total") == pytest.approx(6.0)


@pytest.mark.django_db
def test_the_time_to_publish_begins_with_the_first_mark():
    snapshot("queue")
    DirtyStream.objects.all().delete()
    entry_create(user_id=players(1)[0].user_id, selected_roles=["TANK", "SUPPORT"])
    DirtyStream.objects.filter(stream="queue").update(marked_at=timezone.now() - timedelta(seconds=30))
    with counting() as counted:
        publish_dirty()
    assert counted("unitemate_published_total", kind="queue") == 1
    assert counted("unitemate_publish_seconds_count", kind="queue") == 1
    assert 30 <= counted("unitemate_publish_seconds_sum", kind="queue") < 60


@pytest.mark.django_db
def test_the_outbox_is_read_when_asked_for():
    DirtyStream.objects.all().delete()
    assert (metrics.dirty_streams(), metrics.outbox_lag()) == (0, 0)
    DirtyStream.objects.create(stream="queue", marked_at=timezone.now() - timedelta(seconds=30))
    DirtyStream.objects.create(stream="queue")
    assert metrics.dirty_streams() == 2
    assert 30 <= metrics.outbox_lag() < 60


@pytest.mark.parametrize(
    ("action", "label"),
    [
        ("authenticate", "authenticate"),
        ("subscribeMatch", "subscribeMatch"),
        ("askQueueInfo", "askQueueInfo"),
        ("subscribe", "unknown"),
        ("ann@example.com", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_clients_call_their_frames_becomes_no_label(action, label):
    with counting() as counted:
        metrics.received(action, 10)
    assert counted("unitemate_client_frames_total", action=label) == 1
    assert counted("unitemate_client_bytes_total", action=label) == 10


@pytest.mark.parametrize(("code", "label"), [(4401, "4401"), (1006, "1006"), (3999, "other"), (None, "other")])
def test_what_clients_close_with_becomes_no_label(code, label):
    with counting() as counted:
        metrics.opened(0)  # or this process, whose figures other tests read too, would have less than no connection
        metrics.closed(code)
    assert counted("unitemate_connections_closed_total", code=label) == 1


async def test_a_socket_from_its_opening_to_its_end(server):
    (ann,) = await on_database(players)(1)

    async def token(renew: bool) -> str:
        return issue_dev_token("Ann")[0]

    with counting() as counted:
        async with Client(server.socket_url, token) as client:
            await client.wait_for(lambda: len(client.mirrors.have()) == 2, PATIENCE)
            await on_database(entry_create)(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"])
            await client.wait_for(lambda: client.document("queue")["total_waiting"] == 1, PATIENCE)
            assert counted("unitemate_connections") == 1
        await until(lambda: counted("unitemate_connections") == 0)
    assert counted("unitemate_connections_opened_total") == 1
    assert counted("unitemate_client_frames_total", action="authenticate") == 1
    assert counted("unitemate_sent_frames_total", kind="none", action="welcome") == 1
    assert counted("unitemate_sent_frames_total", kind="queue", action="queueInfo") == 1
    assert counted("unitemate_sent_frames_total", kind="user", action="userInfo") == 1
    assert counted("unitemate_sent_frames_total", kind="queue", action="updateQueue") >= 1
    assert counted("unitemate_push_seconds_count", kind="queue") >= 1
    codes = (*metrics.CODES, "other")
    assert sum(counted("unitemate_connections_closed_total", code=code) for code in codes) == 1


async def test_what_the_server_closes_with_is_counted(server):
    with counting() as counted:
        async with websockets.connect(server.socket_url) as socket:
            await socket.send("nonsense")
            await socket.wait_closed()
        await until(lambda: counted("unitemate_connections_closed_total", code="4400") == 1)
    assert counted("unitemate_connections") == 0
