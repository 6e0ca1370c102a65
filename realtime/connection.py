"""One client's connection as the hub sees it: what it holds, and whether it can be written to."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from realtime.closing import RATE_LIMITED, Close

if TYPE_CHECKING:
    from realtime.fanout import Stream
    from realtime.protocol import Position

MAX_PENDING = 64
"""Answers that may wait for a client that asks and does not read."""


class Held(NamedTuple):
    """The state of a stream that a connection holds; the action is for a snapshot still owed."""

    epoch: str
    seq: int
    document: Any
    action: str | None = None


class Connection:
    """A connection that writes through the ASGI `send`.

    While a frame is on its way `ready` is false; changes of streams then do not queue: the hub
    remembers in `behind` what the connection holds, and catches up when the link has drained.

    Args:
        catch_up: called when the connection can be written to again.
        send: the coroutine that sends a text frame and returns when the link has taken it.
        close: what closes the socket with a code.
    """

    __slots__ = ("_catch_up", "_close", "_pending", "_send", "_sending", "behind", "closed", "have", "ready", "streams")

    def __init__(
        self,
        catch_up: "Callable[[Connection], None]",
        send: Callable[[str], Awaitable[None]],
        close: Callable[[Close], None],
    ) -> None:
        self._catch_up = catch_up
        self._send = send
        self._close = close
        self._pending: deque[str] = deque()
        self._sending: asyncio.Task[None] | None = None
        self.ready = True
        self.closed = False
        self.streams: dict[str, Stream] = {}
        self.behind: dict[str, Held] = {}
        self.have: dict[str, Position] = {}

    def write(self, frame: str) -> None:
        """Send a frame. Only answers may be written while the connection is not ready."""
        if self.closed:
            return
        self._pending.append(frame)
        self.ready = False
        if len(self._pending) > MAX_PENDING:
            self.close(RATE_LIMITED)
        elif self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._drain())

    def close(self, reason: Close) -> None:
        """Close the socket; nothing more is sent."""
        if not self.closed:
            self.closed = True
            self._pending.clear()
            self._close(reason)

    def heads(self) -> dict[str, int]:
        """The seq of each stream that the client should hold by now."""
        return {name: stream.sent.seq for name, stream in self.streams.items()}

    def gone(self) -> None:
        """The socket has ended, from whichever side; nothing more is sent."""
        self.closed = True
        self._pending.clear()
        if self._sending is not None:
            self._sending.cancel()

    async def _drain(self) -> None:
        try:
            while True:
                while self._pending:
                    await self._send(self._pending.popleft())
                self.ready = not self.closed
                self._catch_up(self)
                if not self._pending:
                    return
        except Exception:
            self.closed = True  # the link broke; the consumer hears of it by its disconnect
        finally:
            self._sending = None
