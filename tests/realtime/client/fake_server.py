"""A server on loopback that does what a test's script says, frame by frame."""

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Script = Callable[["Link"], Awaitable[None]]


class Link:
    """One accepted socket, for the script."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def receive(self) -> dict[str, Any]:
        return json.loads(await self.socket.recv())

    async def send(self, action: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"action": action, **fields}))

    async def welcome(
        self,
        *,
        heartbeat: float = 30.0,
        lasts: float = 3600.0,
        ahead: float = 0.0,
        streams: Sequence[str] = ("queue", "user_u"),
    ) -> dict[str, Any]:
        """Take `authenticate` and answer it, by a clock that is so many seconds ahead; returns the frame."""
        frame = await self.receive()
        assert frame["action"] == "authenticate"
        now = time.time() + ahead
        await self.send(
            "welcome", user_id="u", streams=list(streams), heartbeat=heartbeat, expires_at=now + lasts, now=now
        )
        return frame

    async def snapshot(
        self, seq: int, data: Any, *, stream: str = "queue", epoch: str = "e", action: str = "queueInfo"
    ) -> None:
        await self.send(action, stream=stream, epoch=epoch, seq=seq, data=data)

    async def update(self, prev: int, seq: int, changes: Any, *, stream: str = "queue", epoch: str = "e") -> None:
        await self.send("updateQueue", stream=stream, epoch=epoch, prev=prev, seq=seq, changes=changes, timestamp=0.0)

    async def close(self, code: int, reason: str = "") -> None:
        await self.socket.close(code, reason)

    async def cut(self) -> None:
        self.socket.transport.abort()


class FakeServer:
    """Serves its scripts, one for each connection in turn; the last one for all that follow."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.connections = 0
        self.failure: BaseException | None = None

    async def __aenter__(self) -> "FakeServer":
        self._server = await serve(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *details: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        if self.failure is not None:
            raise self.failure

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    async def _serve(self, socket: ServerConnection) -> None:
        script = self.scripts[min(self.connections, len(self.scripts) - 1)]
        self.connections += 1
        try:
            await script(Link(socket))
            await socket.wait_closed()
        except ConnectionClosed:
            pass
        except BaseException as failure:
            self.failure = failure
            raise
