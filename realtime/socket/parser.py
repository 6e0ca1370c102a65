"""The WebSocket parser, with limits for every kind of frame that a client may send.

The consumer counts the messages that it serves, and may answer with `rate_limited`. Pings, pongs and fragments never
reach the consumer, although they cost as much to parse. They are counted here, against the same bucket.

One message is parsed at a time. The bytes behind it wait until the consumer has taken it, so no read takes long.
"""

import time
from collections.abc import Generator
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

from realtime.protocol.close_codes import RATE_LIMITED, TOO_LARGE
from realtime.socket.admission import WARNINGS, TokenBucket

FRAGMENTS = 64
"""Fragments that a message may have. Those of the largest message may be as small as 1 KiB."""
MESSAGE_WITHIN = 30.0
"""Seconds from a message's first fragment to its last."""


class _Reader(StreamReader):
    """Yields no frame while `is_paused`. The bytes that were received wait."""

    is_paused = False

    def at_eof(self) -> Generator[None, None, bool]:
        """Whether the stream has ended. The parser asks before each frame, and waits here while it is paused."""
        while self.is_paused:
            yield
        return (yield from super().at_eof())


class LimitedProtocol(ServerProtocol):
    """The server's side of one connection.

    Args:
        max_size: the largest message, in bytes.
        logger: the connection's logger.

    Attributes:
        bucket: how many frames the client may send.
        pong: the answer to the newest ping, until it is sent.
    """

    # Instances share the keys of their dictionaries only up to thirty attributes. Beyond, each costs 1.3 KB more.
    __slots__ = ("_began_at", "_fragments", "bucket", "pong")

    reader: _Reader

    def __init__(self, *, max_size: int | None, logger: Any) -> None:
        super().__init__(max_size=max_size, logger=logger)
        self.bucket = TokenBucket(time.monotonic())
        self.pong: Frame | None = None
        self._fragments = 0
        self._began_at = 0.0
        self.reader = _Reader()
        self.parser = self.parse()
        next(self.parser)

    def recv_frame(self, frame: Frame) -> None:
        """Process a frame, or close the connection if the frame exceeds a limit."""
        opcode, now = frame.opcode, time.monotonic()
        served = opcode in (Opcode.TEXT, Opcode.BINARY) and self.state is OPEN  # the consumer counts it
        within = served or opcode is Opcode.CLOSE or self.bucket.take(now)
        if opcode in (Opcode.TEXT, Opcode.BINARY):
            self._fragments, self._began_at = 1, now
        elif opcode is Opcode.CONT:
            self._fragments += 1
        if not within and self.bucket.refused > WARNINGS:
            self.refuse(RATE_LIMITED.code, RATE_LIMITED.reason)
        elif self._fragments > FRAGMENTS:
            self.refuse(TOO_LARGE.code, "a message of too many fragments")
        elif within or opcode is not Opcode.PING:
            super().recv_frame(frame)
            if frame.fin and opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._fragments = 0
                self.reader.is_paused = self.state is OPEN

    def send_frame(self, frame: Frame) -> None:
        """Send a frame. A pong is kept until the link takes it: the newest one suffices (RFC 6455, section 5.5.3)."""
        if frame.opcode is Opcode.PONG:
            self.pong = frame
        else:
            super().send_frame(frame)

    def is_endless(self) -> bool:
        """Whether the fragments of a message have been coming for too long."""
        return self._fragments > 0 and time.monotonic() - self._began_at > MESSAGE_WITHIN

    def resume(self) -> None:
        """Parse the bytes behind the last message."""
        self.reader.is_paused = False

    def refuse(self, code: int, reason: str) -> None:
        """Close because of a client's fault, and discard everything that it still sends."""
        self.resume()  # the parser discards what waits
        self.fail(code, reason)
        self.parser_exc = ProtocolError(reason)
