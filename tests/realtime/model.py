"""A small world for the hub: a database with its publisher, lossy layers, workers, links and clients, in memory.

Everything that may happen is a method, so that a test decides what does. `World.wrongs` names each
promise that was broken. Every committed document has a number `n` of its own that only rises, so
that a document tells whether, and when, it was committed.
"""

import asyncio
from typing import Any

from realtime.client.mirrors import Counters, Mirrors
from realtime.delivery.connection import Connection
from realtime.delivery.hub import Hub, HubTiming
from realtime.delivery.store import Recent
from realtime.identity import Identity
from realtime.protocol import Mirror, Position, diff
from tests.realtime.links import FrameLink, Link, SendLink

STREAMS = ("toy_1", "toy_2")


class Ledger:
    """The database and its publisher.

    Attributes:
        committed: the committed document of each stream.
        history: every document that was ever committed, by its number.
        pending: what the open transaction has written.
    """

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self.committed: dict[str, dict] = {name: {"n": 0} for name in STREAMS}
        self.history: dict[str, dict[int, dict]] = {name: {0: {"n": 0}} for name in STREAMS}
        self.pending: dict[str, dict] = {}
        self.heads = {name: Mirror("epoch-0", 1, self.committed[name]) for name in STREAMS}
        self._number = 0
        self._epoch = 0

    def write(self, stream: str, key: str, value: int | None) -> None:
        """Write a field in the open transaction; None removes it."""
        document = dict(self.pending.get(stream, self.committed[stream]))
        document.pop(key, None)
        self._number += 1
        self.pending[stream] = document | ({} if value is None else {key: value}) | {"n": self._number}

    def commit(self) -> None:
        for stream, document in self.pending.items():
            self.committed[stream] = document
            self.history[stream][document["n"]] = document
        self.pending = {}

    def roll_back(self) -> None:
        self.pending = {}

    def publish(self) -> None:
        """Number what has changed since it was last published, and send it to every worker's wire."""
        for stream, head in self.heads.items():
            document = self.committed[stream]
            if document == head.document:
                continue
            message = {
                "stream": stream,
                "epoch": head.epoch,
                "prev": head.seq,
                "seq": head.seq + 1,
                "changes": diff(head.document, document),
            }
            self.heads[stream] = Mirror(head.epoch, head.seq + 1, document)
            for wire in self.wires:
                wire.messages.append(message)

    def restart_numbering(self, stream: str) -> None:
        """The stored head is lost, and the numbering starts anew; nobody is told."""
        self._epoch += 1
        self.heads[stream] = Mirror(f"epoch-{self._epoch}", 1, self.committed[stream])


class Wire:
    """One worker's side of the channel layer, and its way to the database.

    Attributes:
        messages: on their way.
        answers: whether reads of the database are answered; they have read by then.
        broken: whether reads fail.
        waiting: seconds for which changes wait to be published.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.messages: list[dict] = []
        self.broken = False
        self.waiting = 0.0
        self.answers = asyncio.Event()
        self.answers.set()
        self._ledger = ledger
        self._inbox: asyncio.Queue = asyncio.Queue()
        ledger.wires.append(self)

    def deliver(self) -> None:
        if self.messages:
            self._inbox.put_nowait(self.messages.pop(0))

    # The channel layer, as far as the hub uses it.

    async def new_channel(self) -> str:
        return "specific"

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_discard(self, group: str, channel: str) -> None: ...

    async def receive(self, channel: str) -> dict:
        return await self._inbox.get()

    # The store.

    async def snapshot(self, stream: str) -> Mirror:
        if self.broken:
            raise ConnectionError
        self._ledger.publish()
        head = self._ledger.heads[stream]
        answer = Mirror(head.epoch, head.seq, head.document)
        await self.answers.wait()
        return answer

    async def recent(self, seconds: float) -> Recent:
        if self.broken:
            raise ConnectionError
        return Recent([(name, head.epoch, head.seq) for name, head in self._ledger.heads.items()], self.waiting)


STOPPED = HubTiming(compare_every=3600.0, confirm_every=0.0, merge=3600.0)
"""Hubs whose time passes when the test says so."""


class Worker:
    """A server process: a hub and its wire."""

    def __init__(self, ledger: Ledger) -> None:
        self.wire = Wire(ledger)
        self.hub = Hub(self.wire, self.wire, STOPPED)


class Client:
    """A client with the mirrors of the real one, on a link that may stall.

    Args:
        world: where to report what is wrong.
        direct: whether its link takes finished frames, or has an ASGI `send`.
    """

    def __init__(self, world: "World", direct: bool) -> None:
        self.world = world
        self.direct = direct
        self.mirrors = Mirrors(Counters(), self._changed)
        self.worker: Worker | None = None
        self.connection: Connection | None = None
        self.asks: list[dict] = []
        self._newest = dict.fromkeys(STREAMS, -1)
        self._joining: list[asyncio.Task] = []

    def connect(self, worker: Worker) -> None:
        """Open a connection that names what the client holds, as `authenticate` does."""
        self.disconnect()
        self.worker = worker
        self.mirrors.reconnected()
        # What is still on its way on an old link arrives nowhere.
        link: Link = (FrameLink if self.direct else SendLink)(
            lambda frame: self._take(link, frame), lambda reason: None
        )
        self.connection = link.connection
        self.connection.identity = Identity("owner", float("inf"))
        self.link = link
        have = {name: Position(**position) for name, position in self.mirrors.have().items()}
        self._joining = [
            asyncio.ensure_future(worker.hub.join(link.connection, name, have.get(name))) for name in STREAMS
        ]

    def disconnect(self) -> None:
        """Lose the link; what was on its way is lost with it."""
        if self.worker is not None:
            self.connection.mark_closed()
            self.worker.hub.drop(self.connection)
            self.worker = None
            self.asks.clear()
            for task in self._joining:
                task.cancel()
            self._joining = []

    @property
    def is_served(self) -> bool:
        """Whether the client is connected, and its joins have succeeded."""
        return self.worker is not None and all(name in self.connection.streams for name in STREAMS)

    def give_up_failed(self) -> None:
        """A connection whose joins failed is of no use: the consumer answers so, and the client comes back."""
        for task in self._joining:
            if task.done() and task.exception() is not None:
                self.disconnect()
                return

    def _take(self, link: Link, frame: dict) -> None:
        if link is not self.link:
            return
        if "data" in frame:
            self.mirrors.take_snapshot(frame["stream"], frame["epoch"], frame["seq"], frame["data"])
        else:
            self.asks += self.mirrors.take_update(frame)

    def beat(self) -> dict[str, int]:
        """A heartbeat arrives; returns the client's doubts."""
        return self.mirrors.doubts(self.connection.heads()) if self.is_served and self.connection.is_caught_up else {}

    def _changed(self, stream: str) -> None:
        document = self.mirrors.document(stream)
        if document != self.world.ledger.history[stream].get(document.get("n")):
            self.world.wrongs.append(f"{stream} showed {document}, which was never committed")
        if document["n"] < self._newest[stream]:
            self.world.wrongs.append(f"{stream} went back from {self._newest[stream]} to {document['n']}")
        self._newest[stream] = document["n"]


class World:
    """All of it. Its methods are called on its own event loop by `run`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.wrongs: list[str] = []
        self.ledger = Ledger()

    async def start(self, workers: int = 2, clients: int = 4) -> None:
        self.workers = [Worker(self.ledger) for _ in range(workers)]
        for worker in self.workers:
            await worker.hub.start()
        self.clients = [Client(self, direct=index % 2 == 0) for index in range(clients)]
        for index, client in enumerate(self.clients):
            client.connect(self.workers[index % workers])
        await self.settle()

    async def settle(self) -> None:
        """Let everything happen that waits for nothing but its turn, the clients' requests included."""
        for _ in range(12):
            await asyncio.sleep(0)
            for client in self.clients:
                client.give_up_failed()
                while client.asks:
                    ask = client.asks.pop(0)
                    if client.is_served:
                        stream = client.connection.streams[ask["stream"]]
                        stream.flush()
                        stream.send_snapshot(client.connection)

    async def kill(self, index: int) -> None:
        """A worker dies, and another takes its place; its clients are left to come back."""
        dead = self.workers[index]
        self.ledger.wires.remove(dead.wire)
        for client in self.clients:
            if client.worker is dead:
                client.disconnect()
        await dead.hub.stop()
        self.workers[index] = Worker(self.ledger)
        await self.workers[index].hub.start()

    async def tick(self) -> None:
        """So much time passes that merged changes are due."""
        for worker in self.workers:
            for source in worker.hub._subscriptions.values():
                if source.loading is None:
                    source.stream.flush()

    async def compare(self, index: int) -> None:
        """A worker compares its mirrors with the stored heads, twice."""
        suspects: dict[str, int] = {}
        for _ in range(2):
            try:
                suspects = await self.workers[index].hub._compare(suspects)
            except ConnectionError:
                return
            await self.settle()

    async def beat(self) -> None:
        """Every client hears a heartbeat, and asks for what has not come a moment later."""
        doubts = [(client, client.beat()) for client in self.clients]
        await self.settle()
        for client, doubted in doubts:
            if client.worker is not None:
                client.asks += client.mirrors.settle(doubted)
        await self.settle()

    async def calm(self) -> None:
        """All faults end, and the machinery's own repairs take their course; what is on the wires is lost."""
        self.ledger.roll_back()
        self.ledger.publish()
        for worker in self.workers:
            worker.wire.broken = False
            worker.wire.answers.set()
        await self.settle()
        for client in self.clients:
            if client.worker is None:
                client.connect(self.workers[0])
            client.link.drain()
        await self.settle()
        for worker in self.workers:
            worker.wire.messages.clear()
        for index in range(len(self.workers)):
            await self.compare(index)
        await self.tick()
        await self.settle()
        await self.beat()

    def differences(self) -> list[str]:
        """The mirrors that do not hold the committed state."""
        return [
            f"client {index} holds {client.mirrors.document(stream)} of {stream}, not {document}"
            for index, client in enumerate(self.clients)
            for stream, document in self.ledger.committed.items()
            if client.mirrors.document(stream) != document
        ]

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    def close(self) -> None:
        async def end() -> None:
            for client in self.clients:
                client.disconnect()
            for worker in self.workers:
                worker.wire.answers.set()
                await worker.hub.stop()
            await asyncio.sleep(0)

        self.run(end())
        self.loop.close()
