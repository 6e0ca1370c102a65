"""Whether what a hub holds can be relied upon, and that clients are told when it cannot."""

from dataclasses import replace

import pytest

from realtime.socket.heartbeat import HeartbeatSender
from realtime.streams import CLIENT_ACTIONS, STREAM_TYPES, Audience, declare
from tests.realtime.links import FrameLink
from tests.realtime.model import Ledger, Worker
from tests.waiting import until


@pytest.fixture
async def worker(monkeypatch):
    """A hub that compares when the test wants it to."""
    monkeypatch.setattr("realtime.streams.STREAM_TYPES", dict(STREAM_TYPES))
    monkeypatch.setattr("realtime.streams.CLIENT_ACTIONS", dict(CLIENT_ACTIONS))
    declare("toy", key="toy_id", audience=Audience.ADMITTED)
    return Worker(Ledger())


async def test_a_hub_that_cannot_compare_is_not_certain_until_it_has_made_up_for_it(worker):
    assert worker.hub.is_certain
    frames = []
    link = FrameLink(frames.append, lambda reason: None)
    await worker.hub.join(link.connection, "toy_1")
    timing = worker.hub.timing
    worker.hub.timing = replace(timing, uncertain_after=0.0)
    worker.wire.broken = True
    with pytest.raises(ConnectionError):
        await worker.hub._compare({})
    assert not worker.hub.is_certain
    ledger = worker.wire._ledger
    ledger.write("toy_1", "x", 1)
    ledger.commit()
    ledger.publish()  # and the message comes nowhere
    worker.wire.broken = False
    await worker.hub._compare({})  # one look is enough: a client may have asked elsewhere, and must not be set back
    assert frames[-1]["seq"] == ledger.heads["toy_1"].seq == 2
    worker.hub.timing = replace(timing, uncertain_after=3600.0)
    assert worker.hub.is_certain


async def test_a_hub_to_which_nothing_is_published_is_not_certain(worker):
    worker.wire.waiting = worker.hub.timing.max_outbox_lag + 1
    await worker.hub._compare({})
    assert not worker.hub.is_certain
    worker.wire.waiting = 0.0
    await worker.hub._compare({})
    assert worker.hub.is_certain


@pytest.mark.parametrize("is_certain", [True, False])
async def test_a_heartbeat_says_so(settings, is_certain):
    settings.REALTIME_HEARTBEAT = 0.2
    frames = []
    link = FrameLink(frames.append, lambda reason: None)
    heart = HeartbeatSender(lambda: is_certain)
    heart.add(link.connection)
    await heart.start()
    await until(lambda: frames)
    await heart.stop()
    assert frames[0] == {"action": "heartbeat", "heads": {}} | ({} if is_certain else {"uncertain": True})
