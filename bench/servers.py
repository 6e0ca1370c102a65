"""Starting the servers that are measured, each on the server's core, and giving them orders."""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from bench import machine
from bench.watching import Group, Speech
from tests.backend import Postgres, free_port, start_redis

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = machine.VAR / "bench-node"
AT_ONCE = 0.0
"""Seconds in which changes merge where the limit of fan-out is measured."""
SHIPPED = 0.05
"""The same as the service has it."""


class Running:
    """A server that runs.

    Attributes:
        pid: its process.
        url: where its sockets are.
    """

    def __init__(self, process: subprocess.Popen, url: str, orders: int, speech: Speech) -> None:
        self.pid = process.pid
        self.url = url
        self.speech = speech
        self._orders = orders

    def group(self) -> Group:
        """Watchers for it."""
        return Group(self.url, self.speech)

    async def order(self, **order: Any) -> Any:
        """Give an order and return the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._orders, limit=2**24)
        writer.write(json.dumps(order).encode() + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        return answer

    async def push(self, first: int, count: int, pause: float) -> None:
        """Have it push so many messages."""
        kind = {"do": "push"} if self.speech is Speech.UNITEMATE else {}
        await self.order(**kind, first=first, count=count, pause=pause)


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """An empty migrated database of this kind (`sqlite` or `postgres`), and a Redis beside PostgreSQL.

    Yields:
        The environment in which the service uses them.
    """
    environment = {"UNITEMATE_DEV_LOGIN": "1", "UNITEMATE_LIMITS": "off", "LOG_LEVEL": "WARNING"}
    closing: list[Any] = []
    if kind == "postgres":
        postgres = Postgres()
        port = free_port()
        redis = start_redis(port)
        closing += [postgres.stop, redis.kill]
        environment |= {"DATABASE_URL": postgres.url, "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    else:
        machine.VAR.mkdir(exist_ok=True)
        path = machine.VAR / f"bench-{secrets.token_hex(4)}.sqlite3"
        closing.append(lambda: [file.unlink() for file in machine.VAR.glob(path.name + "*")])
        environment |= {"DATABASE_URL": f"sqlite:///{path}", "REDIS_URL": ""}
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
        )
        yield environment
    finally:
        for close in closing:
            close()


@asynccontextmanager
async def ours(
    environment: Mapping[str, str], merge: float = SHIPPED, port: int | None = None
) -> AsyncIterator[Running]:
    """The service itself."""
    command = [sys.executable, "-m", "bench.serve"]
    async with _running(command, Speech.UNITEMATE, [str(merge)], environment, "ws/", port) as running:
        yield running


@asynccontextmanager
async def tutorial(server: str, layer: str, *redis: str) -> AsyncIterator[Running]:
    """Channels as its tutorial has it; see `bench.peers.tutorial`."""
    command = [sys.executable, "-m", "bench.peers.tutorial"]
    async with _running(command, Speech.PLAIN, [server, layer, *redis]) as running:
        yield running


@asynccontextmanager
async def raw_picows() -> AsyncIterator[Running]:
    """One write a frame in Cython."""
    async with _running([sys.executable, "-m", "bench.peers.raw_picows"], Speech.PLAIN, []) as running:
        yield running


@asynccontextmanager
async def socketio() -> AsyncIterator[Running]:
    """Socket.IO; see `has_socketio`."""
    here = ROOT / "bench" / "peers"
    environment = {"NODE_PATH": str(NODE_MODULES / "node_modules")}
    message = [str(here / "message.json")]
    async with _running(["node", str(here / "socketio.js")], Speech.SOCKETIO, message, environment) as running:
        yield running


def has_socketio() -> bool:
    """Whether Node is here and Socket.IO is, or could be, installed for it."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    if not (NODE_MODULES / "node_modules" / "socket.io").exists():
        NODE_MODULES.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "socket.io@4", "ws@8"]
        return subprocess.run(install, cwd=NODE_MODULES).returncode == 0
    return True


@asynccontextmanager
async def _running(
    command: list[str],
    speech: Speech,
    arguments: list[str],
    environment: Mapping[str, str] | None = None,
    path: str = "",
    port: int | None = None,
) -> AsyncIterator[Running]:
    port, orders = port or free_port(), free_port()
    machine.VAR.mkdir(exist_ok=True)
    process = subprocess.Popen(  # noqa: ASYNC220  (nothing else goes on while a server starts)
        machine.on_server_core([*command, str(port), str(orders), *arguments]),
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        stderr=(machine.VAR / "bench.log").open("a"),
    )
    try:
        for number in (port, orders):
            await _listening(process, number)
        yield Running(process, f"ws://127.0.0.1:{port}/{path}", orders, speech)
    finally:
        process.kill()
        process.wait()


async def _listening(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start") from None
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def accounts(server: Running, number: int) -> list[str]:
    """Tokens of so many players, with an account each; none where the server knows no players."""
    if server.speech is not Speech.UNITEMATE:
        return []
    names = [f"watcher {index}" for index in range(number)]
    await server.order(do="users", names=names)
    return await server.order(do="tokens", names=names)


async def idle_cost(server: Running, seconds: float) -> float:
    """Seconds of CPU a second that the server uses while nothing happens."""
    await asyncio.sleep(0.3)
    used = machine.cpu_seconds(server.pid)
    await asyncio.sleep(seconds)
    return (machine.cpu_seconds(server.pid) - used) / seconds
