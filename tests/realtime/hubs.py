"""A hub with a layer and a store in the test's hand."""

import asyncio
import json

from realtime.delivery.connection import SendConnection
from realtime.delivery.fanout import catch_up
from realtime.delivery.hub import Hub, HubTiming
from realtime.delivery.store import Recent
from realtime.protocol import Mirror, Verdict
from realtime.streams import CLIENT_ACTIONS, STREAM_TYPES, Audience, declare


def declare_toy(monkeypatch) -> None:
    """A stream type for one test alone: `toy_<key>`."""
    monkeypatch.setattr("realtime.streams.STREAM_TYPES", dict(STREAM_TYPES))
    monkeypatch.setattr("realtime.streams.CLIENT_ACTIONS", dict(CLIENT_ACTIONS))
    monkeypatch.setattr(
        "realtime.delivery.hub.stream_type_of", lambda name: stream_type if name.startswith("toy_") else None
    )
    stream_type = declare("toy", key="toy_id", found="toyFound", audience=Audience.ADMITTED)


class Layer:
    """A channel layer that delivers what the test lets it."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue = asyncio.Queue()
        self.groups: set[str] = set()
        self.down = False

    async def new_channel(self) -> str:
        return "specific.test"

    async def group_add(self, group: str, channel: str) -> None:
        if self.down:
            raise ConnectionError
        self.groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.discard(group)

    async def receive(self, channel: str):
        return await self.inbox.get()


class Store:
    """Committed states; a read can be held up between its reading and its answer."""

    def __init__(self) -> None:
        self.states: dict[str, Mirror] = {}
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False

    async def snapshot(self, stream: str) -> Mirror:
        self.reads += 1
        if self.broken:
            raise ConnectionError
        state = self.states[stream]
        answer = Mirror(state.epoch, state.seq, state.document)
        await self.gate.wait()
        return answer

    async def recent(self, seconds: float) -> Recent:
        return Recent([(name, state.epoch, state.seq) for name, state in self.states.items()], 0.0)


class Client:
    def __init__(self) -> None:
        self.frames: list[dict] = []
        self.mirror: Mirror | None = None
        self.resyncs = 0
        self.connection = SendConnection(catch_up, lambda reason: None, self._send)

    async def _send(self, text: str) -> None:
        frame = json.loads(text)
        self.frames.append(frame)
        if "data" in frame:
            self.mirror = Mirror(frame["epoch"], frame["seq"], frame["data"])
        else:
            verdict = self.mirror.take_update(frame["epoch"], frame["prev"], frame["seq"], frame["changes"])
            self.resyncs += verdict is Verdict.GAP


class World:
    def __init__(self) -> None:
        self.layer, self.store = Layer(), Store()
        self.hub = Hub(self.layer, self.store, HubTiming(compare_every=3600.0, merge=0.0))
        self.store.states["toy_1"] = Mirror("e", 1, {"n": 1})

    def commit(self, **fields) -> dict:
        """Publish a change; returns the message for the test to deliver, or to lose."""
        state = self.store.states["toy_1"]
        self.store.states["toy_1"] = Mirror(state.epoch, state.seq + 1, {**state.document, **fields})
        return {
            "type": "stream.update",
            "stream": "toy_1",
            "epoch": state.epoch,
            "prev": state.seq,
            "seq": state.seq + 1,
            "changes": fields,
            "timestamp": 0.0,
        }

    def deliver(self, *messages: dict) -> None:
        for message in messages:
            self.layer.inbox.put_nowait(message)

    async def compare(self, times: int = 2) -> None:
        """What the hub does by the clock, at once."""
        suspects: dict[str, int] = {}
        for _ in range(times):
            suspects = await self.hub._compare(suspects)
            await settle()


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)
