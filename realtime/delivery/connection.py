"""One client's connection as the hub sees it: what it holds, and whether it can be written to."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from realtime.identity import Identity
from realtime.protocol import Position
from realtime.protocol.close_codes import RATE_LIMITED, Close
from realtime.protocol.frames import payload

MAX_PENDING = 64
"""Answers that may wait for a client that asks and does not read."""


ANONYMOUS = Identity("", 0.0)


class ClientState(NamedTuple):
    """The state of a stream that a connection holds; the action is for a snapshot still owed."""

    epoch: str
    seq: int
    document: Any
    action: str | None = None


class JoinedStream(Protocol):
    """A stream as a connection that holds it sees it; `realtime.delivery.fanout` has all of it.

    Attributes:
        sent: what the connections hold that are not behind.
        bytes_per_member: bytes that were sent to each of them so far, on average.
        is_silent: whether they are told nothing of it.
    """

    sent: ClientState
    bytes_per_member: float
    is_silent: bool

    def flush(self) -> None: ...

    def send_snapshot(self, connection: "Connection", action: str | None = None) -> None: ...

    def catch_up(self, connection: "Connection", state: ClientState) -> None: ...

    def remove(self, connection: "Connection") -> None: ...

    def check_entitlement(self, connection: "Connection") -> bool: ...

    def auto_subscribed(self) -> set[str]: ...


class Connection:
    """A connection, by whatever means it is written to; the two kinds of link are below.

    While `ready` is false nothing that a stream sends is queued: the hub remembers in `behind`
    what the connection holds, and `catch_up` sends the difference when the link has drained. So it
    does for a moment where thousands of others are written to first (`realtime.delivery.broadcast`).

    Args:
        catch_up: called when the connection can be written to again.
        close: what closes the socket with a code.

    Attributes:
        transmit: sends a frame that `frames.encode` has finished, while the connection is `ready`. It is
            the one call for each member of a stream, so it is the link's own function where it can be.
        identity: whose it is, once it has authenticated; it joins no stream before.
        streams: the streams that it is a member of, by name.
        behind: what it holds of those that have moved on without it.
        have: the positions that the client came with.
        own_bytes: bytes that were sent to it own_bytes, less what its streams had sent before it joined them.
    """

    __slots__ = (
        "_catch_up",
        "_close",
        "behind",
        "closed",
        "have",
        "identity",
        "own_bytes",
        "ready",
        "streams",
        "transmit",
    )

    transmit: Callable[[bytes], None]

    def __init__(self, catch_up: "Callable[[Connection], None]", close: Callable[[Close], None]) -> None:
        self._catch_up = catch_up
        self._close = close
        self.ready = True
        self.closed = False
        self.identity = ANONYMOUS
        self.streams: dict[str, JoinedStream] = {}
        self.behind: dict[str, ClientState] = {}
        self.have: dict[str, Position] = {}
        self.own_bytes = 0.0

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known whose it is."""
        return self.identity is not ANONYMOUS

    @property
    def is_caught_up(self) -> bool:
        """Whether nothing is owed to the client: it holds, or has on its way, the newest of all its streams."""
        return self.ready and not self.behind

    def write(self, frame: bytes) -> None:
        """Send a finished frame. Only answers may be written while the connection is not ready."""
        raise NotImplementedError

    def close(self, reason: Close) -> None:
        """Close the socket; nothing more is sent."""
        if not self.closed:
            self.mark_closed()
            self._close(reason)

    def mark_closed(self) -> None:
        """The socket has ended, from whichever side; nothing more is sent."""
        self.closed = True
        self.ready = False

    def bytes_sent(self) -> float:
        """Bytes that were sent to it so far, about."""
        return self.own_bytes + sum(stream.bytes_per_member for stream in self.streams.values())

    def heads(self) -> dict[str, int]:
        """The seq of each stream that a client to whom nothing is owed should hold by now."""
        return {name: stream.sent.seq for name, stream in self.streams.items() if not stream.is_silent}

    @property
    def heard_at(self) -> float:
        """When the client was last heard, in the event loop's seconds."""
        raise NotImplementedError

    def abort_later(self) -> None:
        """See that the link ends, where it is in our hands, even if the client does not take the close."""


class SendConnection(Connection):
    """Writes through the ASGI `send`, on any server; a frame at a time is on its way.

    Args:
        send: the coroutine that sends a text frame and returns when the link has taken it.
    """

    __slots__ = ("_opened_at", "_pending", "_send", "_sending")

    def __init__(
        self,
        catch_up: Callable[[Connection], None],
        close: Callable[[Close], None],
        send: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__(catch_up, close)
        self._send = send
        self.transmit = self.write
        self._opened_at = asyncio.get_running_loop().time()
        self._pending: deque[bytes] = deque()
        self._sending: asyncio.Task[None] | None = None

    def write(self, frame: bytes) -> None:
        if self.closed:
            return
        self.ready = False
        self._pending.append(frame)
        if len(self._pending) > MAX_PENDING:
            self.close(RATE_LIMITED)
        elif self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._drain())

    def mark_closed(self) -> None:
        super().mark_closed()
        self._pending.clear()
        if self._sending is not None:
            self._sending.cancel()

    @property
    def heard_at(self) -> float:
        """When it was opened: the server tells no more."""
        return self._opened_at

    async def _drain(self) -> None:
        try:
            while True:
                while self._pending:
                    await self._send(payload(self._pending.popleft()).decode())
                self.ready = not self.closed
                self._catch_up(self)
                if not self._pending:
                    return
        except Exception:
            self.mark_closed()  # the link broke; the consumer hears of it by its disconnect
        finally:
            self._sending = None


class FrameWriter(Protocol):
    """The ASGI extension through which finished frames are written (`realtime.socket.uvicorn_protocol`).

    Attributes:
        transmit: the transport's own `write`; good until `on_writable` has told otherwise.
        heard_at: when the client was last heard, in the event loop's seconds.
        bytes_sent: tells how many bytes were sent so far; set by who writes.
    """

    transmit: Callable[[bytes], None]
    heard_at: float
    bytes_sent: Callable[[], float]

    def abort_later(self) -> None:
        """See that the link ends, whether or not the client takes what is left for it."""

    def write_frame(self, frame: bytes) -> None:
        """Hand a finished frame to the transport, at any time; one that is closing drops it."""

    def on_writable(self, callback: Callable[[bool], None]) -> None:
        """Have it called whenever the link fills up or is lost (False), or has drained (True)."""


class FrameConnection(Connection):
    """Writes finished frames straight to the server's transport: no task, no copy, no encoding.

    Args:
        writer: the extension that the server put into the scope.
    """

    __slots__ = ("_pending", "_write", "_writer")

    def __init__(
        self, catch_up: Callable[[Connection], None], close: Callable[[Close], None], writer: FrameWriter
    ) -> None:
        super().__init__(catch_up, close)
        self.transmit = writer.transmit
        self._writer = writer
        self._write = writer.write_frame
        self._pending = 0
        writer.bytes_sent = self.bytes_sent
        writer.on_writable(self._set_writable)

    def write(self, frame: bytes) -> None:
        if self.closed:
            return
        if not self.ready:
            self._pending += 1
            if self._pending > MAX_PENDING:
                self.close(RATE_LIMITED)
                return
        self.own_bytes += len(frame)
        self._write(frame)

    @property
    def heard_at(self) -> float:
        """When anything came from it, be it the answer to a ping."""
        return self._writer.heard_at

    def abort_later(self) -> None:
        self._writer.abort_later()

    def _set_writable(self, now: bool) -> None:
        self.ready = now and not self.closed
        if self.ready:
            self._pending = 0
            self._catch_up(self)
