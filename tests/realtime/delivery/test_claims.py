"""Clients that say they hold more than the server knows of: some do, and anybody may say so."""

import asyncio
from dataclasses import replace

import pytest

from realtime.protocol import Position
from tests.figures import figure
from tests.realtime.hubs import Client, World, declare_toy, settle

INVENTED = [Position("f" * 16, 1), Position("e", 10**15), Position("", 0), Position("0" * 16, 99)]


@pytest.fixture
async def world(monkeypatch):
    declare_toy(monkeypatch)
    world = World()
    await world.hub.start()
    await world.hub.join(Client().connection, "toy_1")
    yield world
    await world.hub.stop()


async def test_invented_positions_cost_one_reading_however_many_say_so(world):
    clients = [Client() for _ in range(20)]
    repairs, reads = figure("unitemate_repairs_total", kind="toy"), world.store.reads
    claims = list(zip(clients, INVENTED * 5, strict=True))
    await join(world, *claims[0])  # the first is answered at once
    await asyncio.gather(*(join(world, *claim) for claim in claims[1:]))
    await settle()
    assert world.store.reads - reads == 2
    assert figure("unitemate_repairs_total", kind="toy") == repairs
    for client in clients:
        assert client.mirror.position == ("e", 1)


async def test_the_others_get_changes_while_claims_wait(world):
    world.hub.timing = replace(world.hub.timing, confirm_every=3600.0)
    member = Client()
    await world.hub.join(member.connection, "toy_1")
    await join(world, Client(), INVENTED[0])
    waiting = asyncio.create_task(join(world, Client(), INVENTED[1]))
    await settle()
    world.deliver(world.commit(n=2))
    await settle()
    assert member.mirror.document == {"n": 2}
    assert not waiting.done()
    waiting.cancel()


async def test_a_true_claim_is_never_answered_from_a_reading_that_began_before_it(world):
    """Another process has pushed a change that is still on its way to this one."""
    world.store.gate.clear()
    first = asyncio.create_task(join(world, Client(), INVENTED[0]))
    await settle()  # it has read, and waits for the answer
    world.commit(n=2)
    client = Client()
    second = asyncio.create_task(join(world, client, Position("e", 2)))
    await settle()
    world.store.gate.set()
    await asyncio.gather(first, second)
    await settle()
    assert client.mirror is None or client.mirror.seq == 2


async def test_a_stream_that_is_closed_while_a_claim_waits_is_opened_again(world):
    world.hub.timing = replace(world.hub.timing, confirm_every=0.05)
    await join(world, Client(), INVENTED[0])
    client = Client()
    joining = asyncio.create_task(join(world, client, INVENTED[1]))  # it waits for its turn to read
    await settle()
    for connection in tuple(world.hub._subscriptions["toy_1"].stream.members):
        world.hub.leave(connection, "toy_1")
    world.hub._close_if_still_idle(world.hub._subscriptions["toy_1"])
    await joining
    world.deliver(world.commit(n=2))
    await settle()
    assert client.mirror.document == {"n": 2}


async def join(world: World, client: Client, have: Position) -> None:
    await world.hub.join(client.connection, "toy_1", have)
