"""Uvicorn's WebSocket protocol with an ASGI extension for writing finished frames.

Under ASGI alone every frame to every client costs a coroutine, an event dictionary and an encoding.
The extension lets the hub hand one finished frame to many transports, and tells it when a link
fills up and when it has drained, which is what the rule for slow links needs.
"""

import socket
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "unitemate.frames"
"""The key in the scope's `extensions`; its value is a `realtime.connection.FrameWriter`."""
HIGH_WATER = 32 * 1024
"""Bytes in a transport's buffer beyond which its link counts as full."""


SEND_BUFFER = 64 * 1024
"""Bytes that the kernel may hold for a link. Left to itself it would take megabytes for a client that does not read."""


def local_client(transport: Any) -> tuple[str, int] | None:
    """Who comes by a Unix socket, where there are no addresses: somebody on this machine. None for any other link."""
    link = transport.get_extra_info("socket")
    return ("127.0.0.1", 0) if link is not None and link.family == socket.AF_UNIX else None


class FrameProtocol(WebSocketsSansIOProtocol):
    """The protocol of one connection; also its own `FrameWriter`."""

    transmit: Callable[[bytes], None]
    _on_writable: Callable[[bool], None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Bound what a stalled link can make the process hold."""
        super().connection_made(transport)
        self.client = self.client or local_client(transport)
        self.transmit = transport.write
        transport.set_write_buffer_limits(high=HIGH_WATER)
        if (link := transport.get_extra_info("socket")) is not None:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def handle_connect(self, event: Request) -> None:
        """Offer the extension to the application, which starts at the loop's next turn."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def start_keepalive(self) -> None:
        """The handshake is complete: let go of what it needed, a good part of what an idle socket costs."""
        super().start_keepalive()
        del self.request, self.response
        self.scope.clear()  # type: ignore[attr-defined]  # the application was handed a copy by its router

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing can be written any more."""
        super().connection_lost(exc)
        if self._on_writable is not None:
            self._on_writable(False)
            self._on_writable = None

    def write_frame(self, frame: bytes) -> None:
        """Hand a finished frame to the transport, unless the connection is closing."""
        if not (self.close_sent or self.disconnected):
            self.transport.write(frame)

    def on_writable(self, callback: Callable[[bool], None]) -> None:
        """Have it called whenever the link fills up or is lost (False), or has drained (True)."""
        if self.disconnected:  # it was lost before the application's first turn
            callback(False)
        else:
            self._on_writable = callback

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        super().pause_writing()
        if self._on_writable is not None:
            self._on_writable(False)

    def resume_writing(self) -> None:
        """The transport's buffer has drained."""
        super().resume_writing()
        if self._on_writable is not None:
            self._on_writable(True)
