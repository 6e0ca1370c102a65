"""Uvicorn's WebSocket protocol with an ASGI extension for writing finished frames.

Under ASGI alone every frame to every client costs a coroutine, an event dictionary and an encoding. With the extension
the hub hands one finished frame to many transports. The extension also tells the hub when a link fills up and when it
has drained, so that slow links need no queue.

A close needs no cooperation: `CLOSE_TIMEOUT` after the decision the link is cut, and what the client has not read is
dropped. `realtime.socket.parser` limits what a client sends. A client's fault closes its link and is not logged.
"""

import fcntl
import socket
import sys
import termios
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from realtime.protocol.close_codes import TOO_LARGE
from realtime.socket.admission import TokenBucket
from realtime.socket.parser import LimitedProtocol

EXTENSION = "unitemate.frames"
"""The extension's key in the scope's `extensions`. The value is a `realtime.delivery.connection.FrameWriter`. It also
has the `bucket` that limits the client's frames of all kinds together."""
HIGH_WATER = 32 * 1024
"""Bytes in a transport's buffer above which its link counts as full."""
SEND_BUFFER = 64 * 1024
"""Bytes that the kernel may buffer for a link. Without a limit it buffers megabytes for a client that does not read."""
CLOSE_TIMEOUT = 5.0
"""Seconds from the decision to close a link to its end, even if the client does not read."""
REFUSAL_CLOSE_DELAY = 1.0
"""Seconds for which the bytes of a refused client are read and discarded. If the link were closed with bytes unread,
the client's system or a proxy would drop the close code as well."""
STALLED_TIMEOUT = 60.0
"""Seconds for which a full link may show no sign of life. A slow client's system makes room in steps of tens of
kilobytes, and between two steps nothing is heard."""
MIN_BYTES_PER_SECOND = 1024.0
"""The slowest link, in bytes a second. A ping waits behind the bytes that were sent before it, perhaps in a proxy."""
RTT_FACTOR = 5.0
"""A pong may take so many times as long as the one before, since the bytes in front of a ping grow gradually."""


def local_client(transport: Any) -> tuple[str, int] | None:
    """The address of a client that comes by a Unix socket: this machine. None for any other link."""
    link = transport.get_extra_info("socket")
    return ("127.0.0.1", 0) if link is not None and link.family == socket.AF_UNIX else None


class FrameProtocol(WebSocketsSansIOProtocol):
    """The protocol of one connection, which is also its `FrameWriter`."""

    # See `LimitedProtocol`.
    __slots__ = (
        *("_backlog", "_abort_timer", "_full_at", "_on_writable", "_sent_by_ping", "_sent_by_pong"),
        *("heard_at", "transmit", "bytes_sent"),
    )

    conn: LimitedProtocol

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = LimitedProtocol(max_size=self.config.ws_max_size, logger=self.logger)
        self.close_timeout = CLOSE_TIMEOUT
        self.heard_at = self.loop.time()
        self.transmit: Callable[[bytes], None]
        self.bytes_sent: Callable[[], float] = float
        self._on_writable: Callable[[bool], None] | None = None
        self._abort_timer: TimerHandle | None = None
        self._full_at = float("-inf")
        self._backlog = 0
        # The bytes sent before the newest ping, and before the newest ping that was answered.
        self._sent_by_ping = self._sent_by_pong = 0.0

    # --- the link's life --------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Limit the buffers of the link."""
        super().connection_made(transport)
        self.client = self.client or local_client(transport)
        self.transmit = transport.write
        transport.set_write_buffer_limits(high=HIGH_WATER)
        if (link := transport.get_extra_info("socket")) is not None:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def handle_connect(self, event: Request) -> None:
        """Offer the extension to the application. It starts at the loop's next turn."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def start_keepalive(self) -> None:
        """Free what the handshake needed, a large share of an idle socket's memory, and start the keepalive."""
        super().start_keepalive()
        del self.request, self.response
        self.scope.clear()  # type: ignore[attr-defined]  # the application was handed a copy by its router

    def connection_lost(self, exc: Exception | None) -> None:
        """Clean up after the link has been lost."""
        super().connection_lost(exc)
        self._stop_writing()
        if self._abort_timer is not None:
            self._abort_timer.cancel()

    def eof_received(self) -> None:
        """The client sends no more. The transport closes itself, but waits for the client to read: limit that."""
        self.abort_later()

    def abort_later(self) -> None:
        """Cut the link after `CLOSE_TIMEOUT`, even if the client does not read."""
        if self._abort_timer is None and not self.disconnected:
            self._abort_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    # --- what the client sends --------------------------------------------------------------

    @property
    def bucket(self) -> TokenBucket:
        """Limits the client's frames."""
        return self.conn.bucket

    def data_received(self, data: bytes) -> None:
        """Parse what the client sent. The bytes of a refused client are discarded."""
        self.heard_at = self.loop.time()
        if self.conn.parser_exc is None and self.conn.handshake_exc is None:
            super().data_received(data)
            self._answer_ping()
            if not self.handshake_initiated:
                self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Answer a malformed request with 400 and close. Uvicorn alone would not answer."""
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self.transport.close()
        self.abort_later()

    async def receive(self) -> Any:
        """The application's next event. When it has taken all events, the parser continues."""
        event = await super().receive()
        if self.queue.empty():
            self._resume_parsing()
        return event

    def _resume_parsing(self) -> None:
        self.conn.resume()
        if self.conn.reader.buffer and self.conn.parser_exc is None:
            super().data_received(b"")
            self._answer_ping()

    def send_receive_event_to_app(self) -> None:
        """Pass a message to the application. A text message that is not UTF-8 closes the link."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.refuse(CloseCode.INVALID_DATA, "text that is not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Do nothing: `_answer_ping` answers once all received bytes are parsed."""

    def _answer_ping(self) -> None:
        pong, is_open = self.conn.pong, self.handshake_complete and not self.close_sent
        if pong is not None and is_open and self.writable.is_set() and not self.transport.is_closing():
            self.conn.pong = None
            self.transport.write(pong.serialize(mask=False))

    def handle_close(self, event: Frame) -> None:
        """Close after the client's close frame."""
        super().handle_close(event)
        self.abort_later()

    def handle_parser_exception(self) -> None:
        """Send the close code of a client's fault, and close the link `REFUSAL_CLOSE_DELAY` later."""
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close is not None else (CloseCode.ABNORMAL_CLOSURE, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._stop_writing()
        self.stop_keepalive()
        self.close_sent = True
        self.abort_later()
        if self.transport.is_closing():
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(REFUSAL_CLOSE_DELAY, self.transport.close)

    # --- what is sent to it -----------------------------------------------------------------

    async def send(self, message: Any) -> None:
        """Send an event of the application."""
        if message["type"] != "websocket.close":
            await super().send(message)
            return
        self.abort_later()
        await super().send(message)
        self._resume_parsing()  # the client's answer stands behind what waits

    async def run_asgi(self) -> None:
        """Run the application. The link ends when it has ended."""
        await super().run_asgi()
        self.abort_later()

    def shutdown(self) -> None:
        """Close the link because the server stops."""
        self.abort_later()
        try:
            super().shutdown()
        except InvalidState:  # the client is closing already
            self.transport.close()

    def write_frame(self, frame: bytes) -> None:
        """Hand a finished frame to the transport, unless the connection is closing."""
        if not (self.close_sent or self.disconnected):
            self.transport.write(frame)

    def on_writable(self, callback: Callable[[bool], None]) -> None:
        """Call back with False when the link fills up or is lost, and with True when it has drained."""
        if self.disconnected or self.close_sent:  # before the application's first turn
            callback(False)
        else:
            self._on_writable = callback

    def pause_writing(self) -> None:
        """Note that the transport's buffer is full."""
        super().pause_writing()
        self._full_at = self.loop.time()
        if self._on_writable is not None:
            self._on_writable(False)

    def resume_writing(self) -> None:
        """Note that the transport's buffer has drained."""
        super().resume_writing()
        self.heard_at = self._full_at = self.loop.time()
        self._answer_ping()
        if self._on_writable is not None:
            self._on_writable(True)

    def _stop_writing(self) -> None:
        if self._on_writable is not None:
            self._on_writable(False)
            self._on_writable = None
            self.bytes_sent = float

    # --- whether it lives -------------------------------------------------------------------

    def send_keepalive_ping(self) -> None:
        """Send a ping, unless a message without an end has closed the link."""
        if not self._refuse_endless_message():
            self._backlog, self._sent_by_ping = self._unacknowledged(), self.bytes_sent()
            super().send_keepalive_ping()

    def handle_pong(self, event: Frame) -> None:
        """If the pong answers the newest ping, the client has received all bytes before that ping."""
        super().handle_pong(event)
        if self.pending_ping_payload is None:
            self._sent_by_pong = self._sent_by_ping

    def keepalive_timeout(self) -> None:
        """Close a link whose pong is late, unless the client still reads.

        The ping waits behind earlier bytes, so a slow client answers late. Bytes that it acknowledges are a sign of
        life.
        """
        if self._refuse_endless_message():
            return
        now, unacknowledged = self.loop.time(), self._unacknowledged()
        if unacknowledged < self._backlog:
            self.heard_at = now
        self._backlog = unacknowledged
        left = max(self.heard_at, self.ping_sent_at) + self._allowed_silence() - now
        if left > 0 and not (self.close_sent or self.transport.is_closing()):
            self.pong_timer = self.loop.call_later(min(left, self.ping_timeout or left), self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self._stop_writing()
        self.abort_later()

    def _refuse_endless_message(self) -> bool:
        """Close the link if a message has no end; whether that was so."""
        if self.close_sent or not self.conn.is_endless():
            return False
        self.conn.refuse(TOO_LARGE.code, "a message without an end")
        self.handle_parser_exception()
        return True

    def _allowed_silence(self) -> float:
        """Seconds for which the client may show no sign of life while a ping is unanswered."""
        if not self.writable.is_set() or self._full_at >= self.ping_sent_at:
            return STALLED_TIMEOUT
        before_it = (self._sent_by_ping - self._sent_by_pong) / MIN_BYTES_PER_SECOND
        return min(STALLED_TIMEOUT, max(self.ping_timeout or 0.0, RTT_FACTOR * self.last_ping_rtt, before_it))

    def _unacknowledged(self) -> int:
        """Bytes that the client's system has not acknowledged: in the transport, and on Linux also in the kernel."""
        size = self.transport.get_write_buffer_size()
        link = self.transport.get_extra_info("socket")
        if sys.platform != "linux" or link is None or link.fileno() < 0:
            return size
        return size + int.from_bytes(fcntl.ioctl(link.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
