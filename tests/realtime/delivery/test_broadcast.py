"""The sweep: members are reached in slices, each by one frame from what it holds, however the changes fall."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from realtime.protocol import Mirror, Position
from realtime.protocol.frames import payload
from tests.realtime import links
from tests.realtime.scene import Client, Scene

pytestmark = pytest.mark.sqlite  # it needs no database: once is enough
CHUNK = 2


def crowd(number: int, scene: Scene) -> list[Client]:
    """So many members, whose snapshots are of no interest."""
    clients = [scene.join() for _ in range(number)]
    for client in clients:
        client.frames.clear()
    return clients


def halfway() -> tuple[Scene, list[Client], list[Client]]:
    """A stream with a change under way: those whom it has reached, and those who are owed it."""
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    clients = crowd(2 * CHUNK, scene)
    scene.publish({"n": 1})
    return scene, [one for one in clients if one.frames], [one for one in clients if not one.frames]


def steps(client: Client) -> list[tuple[int, int]]:
    """From which number to which each update led."""
    return [(frame["prev"], frame["seq"]) for frame in client.frames]


def test_members_beyond_a_slice_are_reached_in_the_next_turns():
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    clients = crowd(5, scene)
    scene.publish({"n": 1})
    reached = [sum(bool(client.frames) for client in clients)]
    while scene.clock.timers:
        scene.clock.advance(0)
        reached.append(sum(bool(client.frames) for client in clients))
    assert reached == [2, 4, 5]
    assert all(steps(client) == [(1, 2)] for client in clients)


def test_who_has_not_been_reached_by_a_change_gets_it_with_the_next_one_and_before_the_others():
    scene, first, due = halfway()
    scene.publish({"n": 2})
    scene.clock.advance(0)
    assert [steps(client) for client in first + due] == [[(1, 2)], [(1, 2)], [(1, 3)], [(1, 3)]]
    scene.clock.advance(0)
    assert [steps(client) for client in first] == [[(1, 2), (2, 3)]] * 2
    assert [client.documents["s"] for client in first + due] == [{"n": 2}] * 4
    assert scene.clock.timers == []


def test_who_is_owed_a_change_and_asks_gets_the_whole_state_and_no_change_after_it():
    scene, _, (asking, _) = halfway()
    scene.stream.send_snapshot(asking.connection)
    scene.clock.advance(0)
    assert [(frame["action"], frame["seq"]) for frame in asking.frames] == [("sInfo", 2)]


def test_who_leaves_while_owed_a_change_gets_nothing():
    scene, _, (leaving, _) = halfway()
    scene.stream.remove(leaving.connection)
    scene.clock.advance(0)
    assert leaving.frames == []
    assert leaving.connection.behind == {}


def test_a_link_that_is_full_in_its_turn_is_caught_up_with_once_it_has_drained():
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    clients = crowd(4, scene)
    for client in clients:
        client.connection.ready = False
    scene.publish({"n": 1})
    clients[0].link.drain()
    clients[1].connection.ready = True
    for _ in range(3):
        scene.clock.advance(0)
    scene.publish({"n": 2})
    for _ in range(3):
        scene.clock.advance(0)
    for client in clients:
        client.link.drain()
    assert [steps(client)[-1][1] for client in clients] == [3] * 4
    assert [client.documents["s"] for client in clients] == [{"n": 2}] * 4


def test_nobody_is_current_who_is_owed_a_change():
    """Such a one hears no heartbeat: its heads would be ahead of what the client has been sent."""
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    clients = crowd(3, scene)
    scene.publish({"n": 1})
    assert [client.connection.is_caught_up for client in clients] == [bool(client.frames) for client in clients]
    scene.clock.advance(0)
    assert all(client.connection.is_caught_up for client in clients)


class Crowd(RuleBasedStateMachine):
    """Members that come, stall and leave while changes come between the turns of a sweep."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
        self.states = {("e", 1): {"n": 0}}
        self.clients: list[Client] = []

    def published(self) -> None:
        mirror = self.scene.stream.mirror
        self.states[mirror.epoch, mirror.seq] = dict(mirror.document)

    @rule()
    def join(self) -> None:
        self.clients.append(self.scene.join())

    @rule(data=st.data())
    def leave(self, data) -> None:
        if self.clients:
            client = self.clients.pop(data.draw(st.integers(0, len(self.clients) - 1)))
            self.scene.stream.remove(client.connection)

    @rule(n=st.integers(0, 3), key=st.sampled_from("ab"))
    def change(self, n, key) -> None:
        mirror = self.scene.stream.mirror
        update = {"epoch": mirror.epoch, "prev": mirror.seq, "seq": mirror.seq + 1, "changes": {key: n or None}}
        self.scene.stream.take(update)
        self.published()
        self.scene.stream.flush_soon()

    @rule()
    def number_anew(self) -> None:
        mirror = self.scene.stream.mirror
        self.scene.stream.mirror = Mirror(mirror.epoch + "'", 1, dict(mirror.document))
        self.published()
        self.scene.stream.flush()

    @rule(data=st.data(), full=st.booleans())
    def link(self, data, full) -> None:
        if self.clients:
            client = self.clients[data.draw(st.integers(0, len(self.clients) - 1))]
            client.link.stall() if full else client.link.drain()

    @rule()
    def turn(self) -> None:
        self.scene.clock.advance(0)

    @invariant()
    def every_client_holds_what_it_was_told(self) -> None:
        for client in self.clients:
            for before, frame in zip(client.frames, client.frames[1:], strict=False):
                follows = "data" in frame or (frame["epoch"], frame["prev"]) == (before["epoch"], before["seq"])
                assert follows, f"{frame} does not follow {before}"
            if client.frames:
                last = client.frames[-1]
                assert client.documents["s"] == self.states[last["epoch"], last["seq"]]

    def teardown(self) -> None:
        for client in self.clients:
            client.link.drain()
        while self.scene.clock.timers:
            self.scene.clock.advance(0)
        mirror = self.scene.stream.mirror
        assert all(client.documents["s"] == mirror.document for client in self.clients)
        assert all(client.frames[-1]["seq"] == mirror.seq for client in self.clients)


async def test_a_connection_knows_how_much_it_was_sent(monkeypatch):
    sizes: list[int] = []
    monkeypatch.setattr(links, "payload", lambda frame: sizes.append(len(frame)) or payload(frame))
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    early = scene.join()
    scene.publish({"n": "x" * 1000})
    before = sum(sizes)
    assert early.connection.bytes_sent() == before
    late = scene.join()
    snapshot = sum(sizes) - before
    scene.clock.advance(1)
    scene.publish({"n": 2})
    change = (sum(sizes) - before - snapshot) / 2
    assert early.connection.bytes_sent() == before + change
    assert late.connection.bytes_sent() == snapshot + change
    scene.stream.remove(late.connection)
    assert late.connection.bytes_sent() == snapshot + change


async def test_nor_is_it_more_for_the_many_turns_in_which_members_are_reached(monkeypatch):
    scene = Scene({"n": 0}, merge=0.0, chunk=CHUNK)
    members = [scene.join(have=Position("e", 1)) for _ in range(3 * CHUNK)]
    sizes: list[int] = []
    monkeypatch.setattr(links, "payload", lambda frame: sizes.append(len(frame)) or payload(frame))
    scene.publish({"n": 1})
    for _ in members:
        scene.clock.advance(0)
    assert len(sizes) == len(members)
    each = pytest.approx(sum(sizes) / len(sizes))
    assert all(client.connection.bytes_sent() == each for client in members)


def test_whatever_the_order():
    run_state_machine_as_test(Crowd, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))
