"""One client's connection: which streams it has joined, what state it holds, and whether it can be written to."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from realtime.identity import Identity
from realtime.protocol import Position
from realtime.protocol.close_codes import RATE_LIMITED, Close
from realtime.protocol.frames import payload

MAX_PENDING = 64
"""Answers that may wait for a client that sends frames and does not read."""

ANONYMOUS = Identity("", 0.0)
"""The identity of a connection before it has authenticated."""


class ClientState(NamedTuple):
    """The state of a stream that a client holds.

    Attributes:
        epoch, seq: its position. An empty epoch means that the client holds nothing.
        document: the projection at that position; None once the stream has ended.
        action: the action of the snapshot to send, if not the stream type's own.
    """

    epoch: str
    seq: int
    document: Any
    action: str | None = None


class JoinedStream(Protocol):
    """What a connection needs of a stream that it has joined: a part of `realtime.delivery.fanout.Stream`."""

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
    """A client's connection. `SendConnection` and `FrameConnection` below say how it is written to.

    A slow link has no queue. While `ready` is false, no update is written. Instead `behind` remembers the state
    that the client holds, and `catch_up` sends one patch to the newest state when the link has drained. A member
    that waits for its turn in a broadcast is in `behind` for the same reason (`realtime.delivery.broadcast`).

    Args:
        catch_up: called when the connection can be written to again.
        close: closes the socket with a code.

    Attributes:
        transmit: sends a finished frame while the connection is `ready`. It is the one call that is made for every
            member of a stream, so a link sets it to its transport's own function if it can.
        ready: whether the link takes frames.
        closed: whether the socket has ended or is being closed.
        identity: the owner; `ANONYMOUS` before authentication. An anonymous connection joins no stream.
        streams: the streams that it has joined, by name.
        behind: the state that the client holds, for each stream in which it does not have the newest.
        have: the positions that the client named when it authenticated.
        own_bytes: the bytes sent to this connection alone, minus the bytes per member that its streams had sent
            before it joined them.
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
        """Whether the owner is known."""
        return self.identity is not ANONYMOUS

    @property
    def is_caught_up(self) -> bool:
        """Whether the newest state of every stream has been written to the link."""
        return self.ready and not self.behind

    def write(self, frame: bytes) -> None:
        """Send a finished frame. While the connection is not ready, only answers may be written. Links implement it."""
        raise NotImplementedError

    def close(self, reason: Close) -> None:
        """Close the socket. Nothing more is sent."""
        if not self.closed:
            self.mark_closed()
            self._close(reason)

    def mark_closed(self) -> None:
        """Note that the socket has ended. Nothing more is sent."""
        self.closed = True
        self.ready = False

    def bytes_sent(self) -> float:
        """The bytes sent to this connection so far, approximately."""
        return self.own_bytes + sum(stream.bytes_per_member for stream in self.streams.values())

    def heads(self) -> dict[str, int]:
        """The newest `seq` written of each stream, for a heartbeat to a client that is caught up."""
        return {name: stream.sent.seq for name, stream in self.streams.items() if not stream.is_silent}

    @property
    def heard_at(self) -> float:
        """When the client last gave a sign of life, in the event loop's seconds."""
        raise NotImplementedError

    def abort_later(self) -> None:
        """Cut the link after a time limit, if the link can do it, even if the client does not take the close frame."""


class SendConnection(Connection):
    """Writes through ASGI's `send`, on any server, one frame at a time.

    Args:
        send: a coroutine function that sends a text frame. It returns when the link has taken the frame.
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
        """When the connection was opened. ASGI does not tell more."""
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
            self.mark_closed()  # the link broke; the server sends the consumer a disconnect
        finally:
            self._sending = None


class FrameWriter(Protocol):
    """The ASGI extension that takes finished frames (`realtime.socket.uvicorn_protocol`).

    Attributes:
        transmit: the transport's own `write`. It may be called while the link is writable.
        heard_at: when the client last gave a sign of life, in the event loop's seconds.
        bytes_sent: returns the bytes sent so far. `FrameConnection` sets it.
    """

    transmit: Callable[[bytes], None]
    heard_at: float
    bytes_sent: Callable[[], float]

    def abort_later(self) -> None:
        """Cut the link after a time limit, even if the client does not read what was sent."""

    def write_frame(self, frame: bytes) -> None:
        """Hand a finished frame to the transport. A link that is closing drops it."""

    def on_writable(self, callback: Callable[[bool], None]) -> None:
        """Call back with False when the link fills up or is lost, and with True when it has drained."""


class FrameConnection(Connection):
    """Writes finished frames to the server's transport, without a task, a copy or an encoding for each client.

    Args:
        writer: the extension in the connection's scope.
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
        """When anything last came from the client, pongs included."""
        return self._writer.heard_at

    def abort_later(self) -> None:
        self._writer.abort_later()

    def _set_writable(self, now: bool) -> None:
        self.ready = now and not self.closed
        if self.ready:
            self._pending = 0
            self._catch_up(self)
