"""The service's WebSocket protocol with a transport and a clock of its own: what comes in and goes out is bytes."""

from unittest.mock import Mock

import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Close, Frame, Opcode

from realtime.socket import uvicorn_protocol
from tests.realtime.scene import Clock
from unitemate.serving.server import configuration

HANDSHAKE = (
    b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def text(data: str | bytes, *, fin: bool = True) -> bytes:
    """A client's text frame."""
    return frame(Opcode.TEXT, data.encode() if isinstance(data, str) else data, fin=fin)


def frame(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    """A client's frame."""
    return Frame(opcode, data, fin).serialize(mask=True)


class Loop(Clock):
    """An event loop that does nothing but tell time."""

    def create_task(self, coroutine):
        coroutine.close()
        return Mock()


class Transport:
    """A link whose client takes nothing while it is `full`.

    Attributes:
        written: what was written.
        is_reading, closing, aborted: what was done with it.
    """

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.unread = 0
        self.is_reading = True
        self.closing = self.aborted = False

    def write(self, data: bytes) -> None:
        assert not self.closing
        if data:
            self.written.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.unread

    def get_extra_info(self, name, default=None):
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def set_write_buffer_limits(self, **limits) -> None: ...

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = self.aborted = True


class Link:
    """A connection whose handshake is done.

    Attributes:
        protocol: the service's.
        transport, clock: what it has to do with.
        told: what the hub was told: whether the link can be written to.
    """

    def __init__(self) -> None:
        config: uvicorn.Config = configuration(lifespan="off")
        config.load()
        self.clock = Loop()
        self.transport = Transport()
        self.protocol = uvicorn_protocol.FrameProtocol(config, ServerState(), {}, _loop=self.clock)
        self.protocol.connection_made(self.transport)
        self.protocol.data_received(HANDSHAKE)
        self.events = [self.event()]
        self.told: list[bool] = []
        self.protocol.on_writable(self.told.append)
        self.send({"type": "websocket.accept"})
        assert b"".join(self.transport.written).startswith(b"HTTP/1.1 101")
        self.transport.written.clear()

    def receive(self, data: bytes) -> None:
        """The client sends."""
        self.protocol.data_received(data)

    def event(self) -> dict:
        """The application takes the next event."""
        return run(self.protocol.receive())

    def send(self, message: dict) -> None:
        """The application sends."""
        run(self.protocol.send(message))

    def close(self, code: int = 4401) -> None:
        """The application closes."""
        self.send({"type": "websocket.close", "code": code, "reason": "x"})

    def fill(self) -> None:
        """The link fills up."""
        self.protocol.pause_writing()

    def drain(self) -> None:
        """The client has taken what waited."""
        self.protocol.resume_writing()

    def frames(self) -> list[tuple[Opcode, bytes]]:
        """The frames that were written since the last call."""
        data, found = b"".join(self.transport.written), []
        self.transport.written.clear()
        while data:
            size = data[1]
            found.append((Opcode(data[0] & 15), data[2 : 2 + size]))
            data = data[2 + size :]
        return found

    def codes(self) -> list[int]:
        """The codes of the close frames among them."""
        return [int(Close.parse(data).code) for opcode, data in self.frames() if opcode is Opcode.CLOSE]


def run(coroutine):
    """Run what has no need to wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")
