"""A raw client of the socket, for tests against a real server."""

import asyncio
import json
from contextlib import asynccontextmanager

import websockets

from realtime.protocol import apply
from tests.waiting import on_database
from users import tokens
from users.models import User


@on_database
def token_of(user: User, lifetime: float = 3600) -> str:
    """A development token for an account that exists."""
    User.objects.filter(pk=user.pk).update(subject=f"dev|{user.trainer_name}")
    return tokens.issue_dev_token(user.trainer_name, lifetime=lifetime)[0]


class Client:
    """A raw client: it sends what it is told and keeps what it gets."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.mirrors: dict = {}

    async def send(self, **frame) -> None:
        await self.socket.send(json.dumps(frame))

    async def next(self, *actions: str) -> dict:
        """The next frame with one of these actions; heartbeats and others are passed over."""
        async with asyncio.timeout(10):
            while True:
                frame = json.loads(await self.socket.recv())
                if "data" in frame:
                    self.mirrors[frame["stream"]] = frame["data"]
                elif "changes" in frame:
                    self.mirrors[frame["stream"]] = apply(self.mirrors.get(frame["stream"]), frame["changes"])
                if not actions or frame["action"] in actions:
                    return frame

    async def authenticate(self, token: str, have: dict | None = None) -> dict:
        await self.send(action="authenticate", token=token, **({"have": have} if have else {}))
        return await self.next("welcome")

    async def closed(self) -> int:
        """The code with which the server closes."""
        async with asyncio.timeout(10):
            while True:
                try:
                    await self.socket.recv()
                except websockets.ConnectionClosed as closed:
                    return closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def opened(server, token: str | None = None, have: dict | None = None, **options):
    """A client of this server; it has authenticated if it was given a token."""
    async with websockets.connect(server.socket_url, **options) as socket:
        client = Client(socket)
        if token is not None:
            await client.authenticate(token, have)
        yield client
