"""The two kinds of link between a connection and its client, in memory; each stalls and drains on demand."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol

from realtime.delivery.connection import Connection, FrameConnection, SendConnection
from realtime.delivery.fanout import catch_up
from realtime.protocol.close_codes import Close
from realtime.protocol.frames import payload
from realtime.socket.admission import TokenBucket

Take = Callable[[dict[str, Any]], None]


class Link(Protocol):
    """A link; while it stalls, one frame is on its way and no more can be written."""

    connection: Connection

    def stall(self) -> None: ...

    def drain(self) -> None: ...


class FrameLink:
    """Takes finished frames, as `realtime.socket.uvicorn_protocol` does.

    Args:
        take: called with each frame that arrives.
        close: what the connection closes the socket with.
    """

    def __init__(self, take: Take, close: Callable[[Close], None]) -> None:
        self._take = take
        self._stalled = False
        self._held: list[bytes] = []
        self.transmit = self.write_frame
        self.bucket = TokenBucket(0.0)
        self.heard_at = 0.0
        self.connection = FrameConnection(catch_up, close, self)

    def abort_later(self) -> None: ...

    def on_writable(self, callback: Callable[[bool], None]) -> None:
        self._tell = callback

    def write_frame(self, frame: bytes) -> None:
        if self._stalled:
            self._held.append(frame)
            self._tell(False)
        else:
            self._take(json.loads(payload(frame)))

    def stall(self) -> None:
        self._stalled = True

    def drain(self) -> None:
        self._stalled = False
        held, self._held = self._held, []
        for frame in held:
            self._take(json.loads(payload(frame)))
        self._tell(True)


class SendLink:
    """Has an ASGI `send`, which returns when the link has taken the frame. Arguments as above."""

    def __init__(self, take: Take, close: Callable[[Close], None]) -> None:
        self._take = take
        self._open = asyncio.Event()
        self._open.set()
        self.connection = SendConnection(catch_up, close, self._send)

    async def _send(self, text: str) -> None:
        await self._open.wait()
        self._take(json.loads(text))

    def stall(self) -> None:
        self._open.clear()

    def drain(self) -> None:
        self._open.set()


KINDS: tuple[type[FrameLink] | type[SendLink], ...] = (FrameLink, SendLink)
