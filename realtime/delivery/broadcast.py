"""Bringing the members of a stream to its newest state, a slice of them at each turn of the event loop.

To write to thousands takes a tenth of a second and more, in which requests would wait. So they have their
turn between the slices; and who has not been reached yet when the state changes again gets both changes
as one, so that nobody waits for more than the others once.
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
"""Members that are written to in one turn: some five milliseconds' work."""


class Clock(Protocol):
    """The part of an event loop that tells time."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle: ...


class BroadcastStream(Protocol):
    """What a broadcast needs of its stream.

    Attributes:
        name: the stream's name.
        kind: its type.
        members: the connections that hold it.
        bytes_per_member: bytes that were sent to each of them so far, on average.
    """

    name: str
    stream_type: StreamType
    members: set[Connection]
    bytes_per_member: float

    def frame(self, state: ClientState) -> tuple[str, bytes]:
        """What takes a connection from what it holds to the newest state: its action, and the finished frame."""


class Pass(NamedTuple):
    """One change of the state on its way to the members.

    Attributes:
        owed: members still to be reached after which all have it, beyond those of the rounds previous.
        published_at: when it was published (Unix seconds); 0 if that is not known.
    """

    due: int
    published_at: float


class Broadcast:
    """Those members of one stream that are owed its newest state, in the order in which they are reached.

    Args:
        stream: whose members.
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
        """All members are behind the newest state now; those that an earlier change has not reached are first.

        Args:
            previous: what those hold that were not behind.
            published_at: when the change was published (Unix seconds); 0 if that is not known.
        """
        name, already = self._stream.name, len(self._queue)
        members = list(self._stream.members)
        at_once = 0 if already else self._chunk
        for connection in members[at_once:]:
            if name not in connection.behind:  # else it is in the queue already, or its link is full
                connection.behind[name] = previous
                self._queue.append(connection)
        self._passes.append(Pass(len(self._queue) - already, published_at))
        self._write(members[:at_once], previous)
        self._end_passes(0)
        if not already:  # else the next turn is due
            self._go_on()

    def _send_chunk(self) -> None:
        """Write to the next slice."""
        reached, self._queue = self._queue[: self._chunk], self._queue[self._chunk :]
        pairs = ((connection, connection.behind.pop(self._stream.name, None)) for connection in reached)
        # Who is not behind any more has left, or has been caught up with. Most of the others hold the same.
        behind = [(connection, held) for connection, held in pairs if held is not None]
        for _, alike in groupby(behind, key=lambda pair: id(pair[1])):
            connections, held = zip(*alike, strict=True)
            self._write(connections, held[0])
        self._end_passes(len(reached))
        self._go_on()

    def _go_on(self) -> None:
        if self._queue:
            self._clock.call_later(0, self._send_chunk)

    def _write(self, connections: Sequence[Connection], state: ClientState) -> None:
        """Bring those that hold this to the newest state; one whose link is full stays behind until it has drained."""
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
        """So many more have been reached: observe how long the rounds took that are whole now."""
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
