"""What a client's WebSocket frames may cost: the parser, with a limit for every kind of frame.

A message is counted by the consumer that serves it, and may be answered with `rate_limited`. Pings, pongs and
fragments never reach it, and cost as much to parse: they take from the same bucket here. One message is parsed at
a time, so that what comes behind it waits for the consumer, and no read takes long.
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
"""Fragments that a message may come in: of the largest, each may be as small as 1 KiB."""
MESSAGE_WITHIN = 30.0
"""Seconds that the fragments of one message may take."""


class _Reader(StreamReader):
    """Yields no further frame while `is_paused`; what has been received waits."""

    is_paused = False

    def at_eof(self) -> Generator[None, None, bool]:
        """Asked by the parser before each frame."""
        while self.is_paused:
            yield
        return (yield from super().at_eof())


class LimitedProtocol(ServerProtocol):
    """The server's side of a connection.

    Args:
        max_size: bytes of a message.
        logger: of the connection.

    Attributes:
        bucket: how many frames the client may send.
        pong: the answer to the newest ping, until it has been sent.
    """

    # With more attributes in its dictionary that would be shared with no other connection's: 1.3 KB for each.
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
        """Process a frame, or end the conversation if it is one too many."""
        opcode, now = frame.opcode, time.monotonic()
        served = opcode in (Opcode.TEXT, Opcode.BINARY) and self.state is OPEN  # and counted by who serves it
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
        """Keep a pong: only the newest is worth sending (RFC 6455, section 5.5.3), and when the link takes it."""
        if frame.opcode is Opcode.PONG:
            self.pong = frame
        else:
            super().send_frame(frame)

    def is_endless(self) -> bool:
        """Whether a message has begun and does not come to an end."""
        return self._fragments > 0 and time.monotonic() - self._began_at > MESSAGE_WITHIN

    def resume(self) -> None:
        """Let the parser go on behind the last message."""
        self.reader.is_paused = False

    def refuse(self, code: int, reason: str) -> None:
        """Close for a fault of the client, and look at nothing more that it sends."""
        self.resume()  # to discard
        self.fail(code, reason)
        self.parser_exc = ProtocolError(reason)
