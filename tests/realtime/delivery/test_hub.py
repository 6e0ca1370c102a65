"""The hub against a layer and a store in the test's hand: every interleaving that can lose a change, forced."""

import asyncio
from dataclasses import replace

import pytest

from realtime.protocol import Mirror, Position
from tests.figures import figure
from tests.realtime.hubs import Client, World, declare_toy, settle


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    declare_toy(monkeypatch)


@pytest.fixture
async def world():
    world = World()
    await world.hub.start()
    yield world
    await world.hub.stop()


def newest(world, client) -> bool:
    return client.mirror == world.store.states["toy_1"]


async def test_changes_before_during_and_after_the_first_read_all_arrive(world):
    client = Client()
    world.store.gate.clear()
    joining = asyncio.create_task(world.hub.join(client.connection, "toy_1"))
    await settle()
    during = [world.commit(n=2), world.commit(n=3)]
    world.deliver(*during)
    await settle()
    world.store.gate.set()
    await joining
    await settle()
    world.deliver(world.commit(n=4))
    await settle()
    assert newest(world, client)
    assert client.resyncs == 0


@pytest.mark.parametrize("delivered_before_answer", [True, False])
async def test_a_change_that_the_first_read_has_seen_already_is_not_applied_twice(world, delivered_before_answer):
    message = world.commit(n=2)
    client = Client()
    world.store.gate.clear()
    joining = asyncio.create_task(world.hub.join(client.connection, "toy_1"))
    await settle()
    if delivered_before_answer:
        world.deliver(message)
        await settle()
    world.store.gate.set()
    await joining
    if not delivered_before_answer:
        world.deliver(message)
    await settle()
    assert [frame["seq"] for frame in client.frames] == [2]
    assert newest(world, client)


async def test_the_group_is_joined_before_the_state_is_read(world):
    world.store.gate.clear()
    joining = asyncio.create_task(world.hub.join(Client().connection, "toy_1"))
    await settle()
    assert (world.layer.groups, world.store.reads) == ({"toy_1"}, 1)
    world.store.gate.set()
    await joining


async def test_many_who_join_together_cost_one_read(world):
    clients = [Client() for _ in range(50)]
    await asyncio.gather(*(world.hub.join(client.connection, "toy_1") for client in clients))
    await settle()
    assert world.store.reads == 1
    assert all(newest(world, client) for client in clients)


async def test_a_lost_change_is_repaired_by_one_read_when_the_next_arrives(world):
    clients = [Client() for _ in range(5)]
    for client in clients:
        await world.hub.join(client.connection, "toy_1")
    await settle()
    gaps, repairs = figure("unitemate_gaps_total", kind="toy"), figure("unitemate_repairs_total", kind="toy")
    world.commit(n=2)  # lost
    world.deliver(world.commit(n=3))
    await settle()
    assert figure("unitemate_gaps_total", kind="toy") == gaps + 1
    assert figure("unitemate_repairs_total", kind="toy") == repairs + 1
    assert world.store.reads == 2
    assert all(newest(world, client) and client.resyncs == 0 for client in clients)
    assert [frame["seq"] for frame in clients[0].frames] == [1, 3]


async def test_a_lost_last_change_is_found_by_its_head(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.commit(n=2)  # lost, and nothing follows
    await world.compare()
    assert newest(world, client)


async def test_a_change_that_is_merely_late_is_not_read(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    message = world.commit(n=2)
    await world.compare(1)
    world.deliver(message)
    await settle()
    await world.compare(1)
    assert world.store.reads == 1
    assert newest(world, client)


async def test_swapped_changes_end_in_the_newest_state_and_never_go_back(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    first, second = world.commit(n=2), world.commit(n=3)
    world.deliver(second, first)
    await settle()
    assert [frame.get("data", frame.get("changes")) for frame in client.frames] == [{"n": 1}, {"n": 3}]
    assert newest(world, client)


async def test_a_repeated_change_does_nothing(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    message = world.commit(n=2)
    world.deliver(message, message, message)
    await settle()
    assert [frame["seq"] for frame in client.frames] == [1, 2]


async def test_changes_during_a_repair_are_kept(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.commit(n=2)  # lost
    world.store.gate.clear()
    world.deliver(world.commit(n=3))
    await settle()
    world.deliver(world.commit(n=4))
    await settle()
    world.store.gate.set()
    await settle()
    assert newest(world, client)
    assert client.resyncs == 0


async def test_a_repair_that_read_too_early_is_repaired_again(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.commit(n=2)  # lost
    world.store.gate.clear()
    world.deliver(world.commit(n=3))
    await settle()
    world.commit(n=4)  # lost as well, after the repair has read
    world.deliver(world.commit(n=5))
    await settle()
    world.store.gate.set()
    await settle()
    assert newest(world, client)
    assert client.resyncs == 0


async def test_a_numbering_that_starts_anew_brings_a_snapshot(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.store.states["toy_1"] = Mirror("f", 1, {"n": 9})
    await world.compare()
    assert client.frames[-1]["action"] == "toyInfo"
    assert newest(world, client)


async def test_a_failed_repair_is_tried_again(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.commit(n=2)  # lost
    world.store.broken = True
    await world.compare()
    assert not newest(world, client)
    world.store.broken = False
    await world.compare()
    assert newest(world, client)


async def test_a_failed_first_read_fails_the_join_and_not_the_next_one(world):
    world.store.broken = True
    client = Client()
    with pytest.raises(ConnectionError):
        await world.hub.join(client.connection, "toy_1")
    world.store.broken = False
    await world.hub.join(client.connection, "toy_1")
    await settle()
    assert newest(world, client)


async def test_a_granted_stream_that_cannot_be_read_is_given_as_soon_as_it_can(world):
    world.hub.timing = replace(world.hub.timing, compare_every=0.0)
    world.store.broken = True
    client = Client()
    world.hub._auto_subscribe(client.connection, "toy_1", True)
    await settle()
    assert client.frames == []
    world.store.broken = False
    await settle()
    assert [frame["action"] for frame in client.frames] == ["toyFound"]
    assert newest(world, client)


async def test_without_the_layer_the_heads_carry_the_changes_until_it_is_back(world):
    world.layer.down = True
    failures = figure("unitemate_layer_failures_total", operation="subscribe")
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    assert figure("unitemate_layer_failures_total", operation="subscribe") == failures + 1
    world.commit(n=2)
    await world.compare()
    assert newest(world, client)
    world.layer.down = False
    await world.compare(1)
    assert world.layer.groups == {"toy_1"}


async def test_a_layer_that_is_down_is_asked_once_a_comparison_however_many_streams_there_are(world):
    world.layer.down = True
    for key in range(2, 7):
        world.store.states[f"toy_{key}"] = Mirror("e", 1, {"n": 1})
        await world.hub.join(Client().connection, f"toy_{key}")
    failures = figure("unitemate_layer_failures_total", operation="subscribe")
    await world.compare(1)
    assert figure("unitemate_layer_failures_total", operation="subscribe") == failures + 1
    world.layer.down = False
    await world.compare(1)
    assert len(world.layer.groups) == 5


async def test_a_message_that_makes_no_sense_stops_nothing(world):
    world.hub.timing = replace(world.hub.timing, compare_every=0.0)
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.deliver({"stream": "toy_1"}, {"type": "nonsense"}, world.commit(n=2))
    await settle()
    assert newest(world, client)


async def test_a_stream_without_connections_is_let_go(world):
    client = Client()
    await world.hub.join(client.connection, "toy_1")
    world.hub.leave(client.connection, "toy_1")
    world.hub._close_if_still_idle(world.hub._subscriptions["toy_1"])
    await settle()
    assert world.layer.groups == set()
    await world.hub.join(client.connection, "toy_1")
    await settle()
    assert newest(world, client)


async def test_who_leaves_while_a_stream_opens_is_not_kept(world):
    client = Client()
    world.store.gate.clear()
    joining = asyncio.create_task(world.hub.join(client.connection, "toy_1"))
    await settle()
    client.connection.mark_closed()
    world.hub.drop(client.connection)
    world.store.gate.set()
    await joining
    assert world.hub._subscriptions["toy_1"].stream.members == set()


async def test_there_is_no_stream_without_a_type(world):
    with pytest.raises(ValueError, match="no stream type"):
        await world.hub.join(Client().connection, "other_1")


async def test_who_comes_from_a_process_that_has_heard_more_is_not_set_back(world):
    early, late = Client(), Client()
    await world.hub.join(early.connection, "toy_1")
    world.commit(n=2)  # not heard of here yet
    await world.hub.join(late.connection, "toy_1", Position("e", 2))
    await settle()
    assert late.frames == []
    assert newest(world, early)
    world.commit(n=3)
    world.store.broken = True
    with pytest.raises(ConnectionError):
        await world.hub.join(Client().connection, "toy_1", Position("e", 3))
