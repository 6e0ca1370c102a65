"""Hub, links and clients under everything that can go wrong, in every order that hypothesis thinks of.

What is promised: a mirror never shows what was not committed, never goes back, and after calm
equals the committed state. Three faults planted on purpose show that the machine would find them.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from realtime.delivery.hub import Hub
from realtime.protocol import Mirror, Verdict, apply
from realtime.streams import Audience, StreamType
from tests.realtime.model import STREAMS, Ledger, World

pytestmark = pytest.mark.sqlite  # it needs no database: once is enough
STEPS = 10_000
"""At least so many are taken."""
QUICK = settings(
    max_examples=260,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
streams = st.sampled_from(STREAMS)
workers = st.integers(0, 1)
clients = st.integers(0, 3)


@pytest.fixture(autouse=True)
def stopped_clocks(monkeypatch):
    """Time passes when the machine says so, and failing reads are no news."""
    monkeypatch.setattr("realtime.delivery.hub.logger.disabled", True)
    stream_type = StreamType("toy", "toy_id", Audience.ADMITTED, "toyInfo", "toyUpdate", "toyInfo")
    monkeypatch.setattr("realtime.delivery.hub.stream_type_of", lambda name: stream_type)


class Machine(RuleBasedStateMachine):
    """The rules; each is one step."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.world = World()
        self.world.run(self.world.start())

    def teardown(self) -> None:
        try:
            self.world.run(self.world.calm())
            self.check()
            assert not self.world.differences()
        finally:
            self.world.close()

    def settle(self) -> None:
        self.taken += 1
        type(self).steps += 1
        self.world.run(self.world.settle())

    @invariant()
    def check(self) -> None:
        assert not self.world.wrongs

    # --- writes ---

    @rule(stream=streams, key=st.sampled_from("ab"), value=st.none() | st.integers(0, 9))
    def write(self, stream, key, value):
        self.world.ledger.write(stream, key, value)
        self.settle()

    @rule()
    def commit(self):
        self.world.ledger.commit()
        self.settle()

    @rule()
    def roll_back(self):
        self.world.ledger.roll_back()
        self.settle()

    @rule(values=st.lists(st.integers(0, 9), min_size=2, max_size=6))
    def write_in_bulk(self, values):
        self.world.ledger.roll_back()
        for index, value in enumerate(values):
            self.world.ledger.write(STREAMS[index % 2], "ab"[index // 2 % 2], value)
        self.world.ledger.commit()
        self.world.ledger.publish()
        self.settle()

    @rule(stream=streams, value=st.integers(0, 9))
    def write_and_publish(self, stream, value):
        self.world.ledger.write(stream, "a", value)
        self.world.ledger.commit()
        self.world.ledger.publish()
        self.settle()

    @rule()
    def publish(self):
        self.world.ledger.publish()
        self.settle()

    @rule(stream=streams)
    def restart_numbering(self, stream):
        self.world.ledger.restart_numbering(stream)
        self.settle()

    # --- the layer ---

    @rule(worker=workers, number=st.integers(1, 4))
    def deliver(self, worker, number):
        for _ in range(number):
            self.world.workers[worker].wire.deliver()
        self.settle()

    @rule(worker=workers)
    def drop(self, worker):
        del self.world.workers[worker].wire.messages[:1]
        self.settle()

    @rule(worker=workers)
    def drop_the_last(self, worker):
        del self.world.workers[worker].wire.messages[-1:]
        self.settle()

    @rule(worker=workers)
    def duplicate(self, worker):
        messages = self.world.workers[worker].wire.messages
        messages[:0] = messages[:1]
        self.settle()

    @rule(worker=workers)
    def swap(self, worker):
        messages = self.world.workers[worker].wire.messages
        messages[:2] = reversed(messages[:2])
        self.settle()

    # --- workers ---

    @rule()
    def time_passes(self):
        self.world.run(self.world.tick())
        self.settle()

    @rule(worker=workers)
    def compare(self, worker):
        self.world.run(self.world.compare(worker))
        self.settle()

    @rule(worker=workers, answers=st.booleans())
    def hold_up_reads(self, worker, answers):
        event = self.world.workers[worker].wire.answers
        event.set() if answers else event.clear()
        self.settle()

    @rule(worker=workers, broken=st.booleans())
    def break_reads(self, worker, broken):
        self.world.workers[worker].wire.broken = broken
        self.settle()

    @rule(worker=workers)
    def kill(self, worker):
        self.world.run(self.world.kill(worker))
        self.settle()

    # --- clients ---

    @rule(client=clients, worker=workers)
    def reconnect(self, client, worker):
        self._connect(client, worker)
        self.settle()

    def _connect(self, client, worker):
        async def connect():
            self.world.clients[client].connect(self.world.workers[worker])

        self.world.run(connect())

    @rule(client=clients)
    def disconnect(self, client):
        self.world.clients[client].disconnect()
        self.settle()

    @rule(client=clients)
    def stall(self, client):
        self.world.clients[client].link.stall()
        self.settle()

    @rule(client=clients)
    def drain(self, client):
        self._drain(client)
        self.settle()

    def _drain(self, client):
        async def drain():
            self.world.clients[client].link.drain()

        self.world.run(drain())

    @rule()
    def beat(self):
        self.world.run(self.world.beat())
        self.settle()

    @precondition(lambda self: self.taken % 7 == 0)
    @rule()
    def calm(self):
        self.world.run(self.world.calm())
        self.settle()
        assert not self.world.differences()


def run(machine: type[Machine], **changes) -> None:
    run_state_machine_as_test(machine, settings=settings(QUICK, **changes))


def test_ten_thousand_steps_break_no_promise():
    class Counted(Machine):
        steps = 0

    run(Counted)
    assert Counted.steps >= STEPS


def finds(match: str) -> None:
    """A machine of its own finds a fault within as many examples; it need not shrink it."""

    class Suspicious(Machine):
        steps = 0

    with pytest.raises(AssertionError, match=match):
        run(Suspicious, phases=[Phase.generate])


def test_it_finds_a_lost_last_change_that_nothing_repairs(monkeypatch):
    async def blind(self, suspects):
        return {}

    monkeypatch.setattr(Hub, "_compare", blind)
    finds("holds")


def test_it_finds_a_swapped_pair_that_is_applied_unchecked(monkeypatch):
    def unchecked(self, epoch, prev, seq, changes):
        self.document, self.seq = apply(self.document, changes), seq
        return Verdict.APPLIED

    monkeypatch.setattr(Mirror, "take_update", unchecked)
    finds("went back|never committed")


def test_it_finds_a_push_before_the_commit(monkeypatch):
    write = Ledger.write

    def hasty(self, stream, key, value):
        write(self, stream, key, value)
        committed = self.committed[stream]
        self.committed[stream] = self.pending[stream]
        self.publish()
        self.committed[stream] = committed

    monkeypatch.setattr(Ledger, "write", hasty)
    finds("never committed")
