"""Bringing the members of a stream to its newest state, one chunk of members at each turn of the event loop.

Writing to thousands of sockets takes a tenth of a second or more, and requests would wait for all of it. So the
event loop serves others between two chunks.

The state may change again before all members have been written to. The members that are still in the queue then
stay where they are in it, and get both changes as one. All others join the queue behind them. So no member waits
for longer than it takes to write to every member once, however fast the changes come.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from realtime import metrics
from realtime.database import clock
from realtime.delivery.connection import ClientState, Connection
from realtime.streams import StreamType

CHUNK = 500
"""Members that are written to in one turn, which takes about five milliseconds."""


class Clock(Protocol):
    """What a broadcast needs of an event loop."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle: ...


class BroadcastStream(Protocol):
    """What a broadcast needs of its stream.

    Attributes:
        name: the stream's name.
        stream_type: its type.
        members: the connections that hold it.
        bytes_per_member: the bytes sent to each member so far, on average.
    """

    name: str
    stream_type: StreamType
    members: set[Connection]
    bytes_per_member: float

    def frame(self, state: ClientState) -> tuple[str, bytes]:
        """The frame that takes a client from a state to the newest one: its action, and the finished frame."""


class Pass(NamedTuple):
    """One change of the state on its way to the members.

    Attributes:
        due: how many more members must be written to, after those of the passes before, until all have this change.
        published_at: when it was published (Unix seconds); 0 if that is not known.
    """

    due: int
    published_at: float


class Broadcast:
    """The queue of the members of one stream that do not have its newest state yet.

    A member that is queued is in `connection.behind` under the stream's name, with the state that the client holds.
    A member whose link is full is in `behind` as well, but not in the queue: `fanout.catch_up` serves it when the
    link has drained.

    Args:
        stream: the stream whose members are written to.
        clock: the event loop, or a test's clock.
        chunk: members that are written to in one turn.
    """

    __slots__ = ("_chunk", "_clock", "_passes", "_queue", "_stream")

    def __init__(self, stream: BroadcastStream, clock: Clock, chunk: int = CHUNK) -> None:
        self._stream = stream
        self._clock = clock
        self._chunk = chunk
        self._queue: list[Connection] = []
        self._passes: list[Pass] = []

    def enqueue(self, previous: ClientState, published_at: float) -> None:
        """Bring all members to the newest state: the first chunk now, the others at the next turns.

        Args:
            previous: the state held by the members that were not behind.
            published_at: when the change was published (Unix seconds); 0 if that is not known.
        """
        # An earlier change may still be on its way. Its queue is then served first, so nobody is written to now.
        name, already = self._stream.name, len(self._queue)
        members = list(self._stream.members)
        at_once = 0 if already else self._chunk
        for connection in members[at_once:]:
            # One that is behind already stands in the queue, or its link is full. It keeps its place, and the state
            # that it holds: the frame is made from that state when its turn comes, and contains both changes.
            if name not in connection.behind:
                connection.behind[name] = previous
                self._queue.append(connection)
        # The members before these in the queue get this change too, and are counted by the passes before this one.
        self._passes.append(Pass(len(self._queue) - already, published_at))
        self._write(members[:at_once], previous)
        self._end_passes(0)
        if not already:  # else the next chunk is scheduled already
            self._schedule_next_chunk()

    def _send_chunk(self) -> None:
        """Write to the next chunk of the queue."""
        reached, self._queue = self._queue[: self._chunk], self._queue[self._chunk :]
        pairs = ((connection, connection.behind.pop(self._stream.name, None)) for connection in reached)
        # A member that is not behind any more has left, or has got a snapshot meanwhile.
        behind = [(connection, state) for connection, state in pairs if state is not None]
        # Neighbours in the queue mostly hold the same state, as one object. They share one frame.
        for _, alike in groupby(behind, key=lambda pair: id(pair[1])):
            connections, states = zip(*alike, strict=True)
            self._write(connections, states[0])
        self._end_passes(len(reached))
        self._schedule_next_chunk()

    def _schedule_next_chunk(self) -> None:
        if self._queue:
            self._clock.call_later(0, self._send_chunk)

    def _write(self, connections: Sequence[Connection], state: ClientState) -> None:
        """Bring connections that hold a state to the newest one. One whose link is full is remembered in `behind`."""
        stream = self._stream
        if not connections:
            return
        action, frame = stream.frame(state)
        full = 0
        for connection in connections:
            if connection.ready:
                connection.transmit(frame)
            else:
                connection.behind.setdefault(stream.name, state)
                full += 1
        metrics.sent(stream.stream_type.name, action, len(frame), len(connections) - full)
        stream.bytes_per_member += len(frame) * (len(connections) - full) / max(1, len(stream.members))
        if full:
            metrics.BEHIND.labels(stream.stream_type.name).inc(full)

    def _end_passes(self, reached: int) -> None:
        """Count members that have been reached, and observe how long the passes took that are complete now."""
        while self._passes:
            due, published_at = self._passes[0]
            if due > reached:
                self._passes[0] = Pass(due - reached, published_at)
                return
            reached -= due
            del self._passes[0]
            if published_at:
                metrics.PUSH_SECONDS.labels(self._stream.stream_type.name).observe(
                    max(0.0, clock.time() - published_at)
                )
