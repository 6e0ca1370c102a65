"""Fan-out: one frame for all, bursts merged, slow links remembered by what they hold."""

from dataclasses import replace

import pytest

from realtime.delivery import fanout
from realtime.protocol import Mirror, Position
from realtime.protocol.frames import Pong, encode
from realtime.streams import Audience
from tests.realtime import links
from tests.realtime.scene import Client, Scene, settle


@pytest.fixture(params=links.KINDS, ids=lambda kind: kind.__name__, autouse=True)
def link_kind(request, monkeypatch):
    """Every test here holds for both kinds of link."""
    monkeypatch.setattr(Client, "kind", request.param, raising=False)


async def test_a_new_member_gets_a_snapshot_and_then_changes():
    scene = Scene({"n": 0})
    link = scene.join()
    await settle()
    scene.publish({"n": 1})
    await settle()
    assert link.frames[0] == {"action": "sInfo", "stream": "s", "epoch": "e", "seq": 1, "data": {"n": 0}}
    update = link.frames[1]
    assert (update["action"], update["prev"], update["seq"], update["changes"]) == ("sUpdate", 1, 2, {"n": 1})


async def test_a_member_that_has_the_state_gets_nothing():
    scene = Scene()
    link = scene.join(have=Position("e", 1))
    await settle()
    assert link.frames == []


@pytest.mark.parametrize("have", [Position("e", 0), Position("other", 1), Position("e", 2)])
async def test_a_member_that_has_another_state_gets_a_snapshot(have):
    link = Scene().join(have=have)
    await settle()
    assert [frame["action"] for frame in link.frames] == ["sInfo"]


async def test_a_quiet_stream_goes_out_at_once_and_a_burst_as_one():
    scene = Scene({"n": 0})
    link = scene.join(have=Position("e", 1))
    for n in range(1, 6):
        scene.publish({"n": n})
    await settle()
    assert [frame["changes"] for frame in link.frames] == [{"n": 1}]
    scene.clock.advance(2 * fanout.MERGE_WINDOW)
    await settle()
    assert [(frame["prev"], frame["seq"], frame["changes"]) for frame in link.frames[1:]] == [(2, 6, {"n": 5})]


async def test_a_change_and_its_undoing_within_a_burst_still_move_the_seq():
    scene = Scene({"n": 0})
    link = scene.join(have=Position("e", 1))
    scene.publish({"n": 1})
    scene.publish({"n": 2})
    scene.publish({"n": 1})
    scene.clock.advance(2 * fanout.MERGE_WINDOW)
    await settle()
    assert (link.frames[-1]["prev"], link.frames[-1]["seq"], link.frames[-1]["changes"]) == (2, 4, {})


async def test_who_joins_within_a_burst_holds_the_newest_state():
    scene = Scene({"n": 0})
    scene.publish({"n": 1})
    scene.publish({"n": 2})
    link = scene.join()
    scene.clock.advance(2 * fanout.MERGE_WINDOW)
    await settle()
    assert [frame["seq"] for frame in link.frames] == [3]
    assert link.documents["s"] == {"n": 2}


async def test_a_stalled_link_costs_one_pending_state_and_delays_nobody():
    scene = Scene({"n": 0, "list": {}})
    slow, quick = scene.join(), scene.join()
    await settle()
    slow.link.stall()
    for n in range(1, 101):
        scene.publish({"n": n, "list": {str(n % 7): n}})
        scene.clock.advance(2 * fanout.MERGE_WINDOW)
        await settle()
    assert len(quick.frames) == 101
    assert list(slow.connection.behind) == ["s"]
    slow.link.drain()
    await settle()
    assert slow.documents == quick.documents
    # The frame that was on its way, and one for the ninety-nine behind it.
    assert [(frame["prev"], frame["seq"]) for frame in slow.frames[1:]] == [(1, 2), (2, 101)]


async def test_a_stalled_link_that_left_is_owed_nothing():
    scene = Scene({"n": 0})
    slow = scene.join()
    await settle()
    slow.link.stall()
    for n in (1, 2):
        scene.publish({"n": n})
        scene.clock.advance(2 * fanout.MERGE_WINDOW)
        await settle()
    scene.stream.remove(slow.connection)
    slow.link.drain()
    await settle()
    assert [frame["seq"] for frame in slow.frames] == [1, 2]
    assert slow.connection.behind == {}


async def test_a_numbering_that_starts_anew_brings_everyone_a_snapshot():
    scene = Scene({"n": 0})
    ready, stalled = scene.join(), scene.join()
    await settle()
    stalled.link.stall()
    scene.publish({"n": 1})
    scene.stream.mirror = Mirror("f", 1, {"n": 7})
    scene.stream.flush()
    await settle()
    stalled.link.drain()
    await settle()
    for link in (ready, stalled):
        assert (link.frames[-1]["action"], link.frames[-1]["epoch"], link.documents["s"]) == ("sInfo", "f", {"n": 7})


async def test_the_end_of_an_owners_stream_closes_the_owners_connections():
    scene = Scene({"n": 0}, Audience.OWNER)
    link = scene.join()
    await settle()
    scene.publish(None)
    assert link.closed == [4403]


async def test_the_end_of_another_stream_is_told_and_closes_nothing():
    scene = Scene({"n": 0}, Audience.ADMITTED)
    link = scene.join()
    scene.publish(None)
    await settle()
    assert link.closed == []
    assert link.documents["s"] is None


async def test_who_is_not_entitled_any_more_is_taken_out_before_the_state_goes_out():
    scene = Scene({"players": {"ann": 1, "ben": 1}}, Audience.ADMITTED)
    scene.stream_type.may_stay(lambda identity, document: identity.owner in document["players"])
    ann, ben = scene.join(owner="ann"), scene.join(owner="ben")
    await settle()
    scene.publish({"players": {"ben": None}, "secret": 1})
    await settle()
    assert [frame["action"] for frame in ben.frames] == ["sInfo", "unsubscribed"]
    assert ben.connection.streams == {}
    assert ann.documents["s"] == {"players": {"ann": 1}, "secret": 1}


async def test_an_owner_who_loses_a_right_loses_what_it_opened():
    own, other = Scene({"n": 0}), Scene({"n": 0}, Audience.ADMITTED, name="other")
    own.stream_type.refresh_identity(
        lambda identity, document: replace(identity, is_staff=document.get("is_staff", False))
    )
    other.stream_type.may_stay(lambda identity, document: identity.is_staff)
    own.publish({"is_staff": True})
    ann = own.join(owner="ann")
    other.stream.add(ann.connection, None, None)
    await settle()
    assert other.stream.members == {ann.connection}
    own.clock.advance(1)
    own.publish({"is_staff": None})
    other.publish({"secret": 1})
    await settle()
    assert [frame["action"] for frame in ann.frames] == ["sInfo", "sInfo", "sUpdate", "unsubscribed"]
    assert other.stream.members == set()


async def test_who_lost_a_right_while_being_admitted_gets_nothing():
    scene = Scene({"n": 0}, Audience.ADMITTED)
    scene.stream_type.may_stay(lambda identity, document: identity.is_staff)
    ann = scene.join(owner="ann")
    await settle()
    assert [frame["action"] for frame in ann.frames] == ["unsubscribed"]
    assert scene.stream.members == set()


async def test_a_state_grants_further_streams_once():
    scene = Scene({"match": "m1"})
    scene.stream_type.auto_subscribes(lambda document: [document["match"]] if "match" in document else [])
    link = scene.join()
    assert scene.auto_subscribed == [(link.connection, "m1", False)]
    scene.publish({"other": 1})
    scene.clock.advance(1)
    scene.publish({"match": "m2"})
    assert scene.auto_subscribed[1:] == [(link.connection, "m2", True)]


async def test_a_client_that_asks_and_does_not_read_is_cut_off():
    scene = Scene()
    link = scene.join()
    link.link.stall()
    for _ in range(100):
        link.connection.write(encode(Pong()))
    assert link.closed == [4429]
