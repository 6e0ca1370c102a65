"""A TCP proxy whose links can be cut, silenced, and stalled."""

import asyncio
import contextlib
import random

CHUNK = 64 * 1024


class Proxy:
    """Forwards connections to a port on loopback.

    Args:
        target: the port to forward to.
        listen: the port to listen on.

    Attributes:
        links: the number of connections that go through it.
    """

    def __init__(self, target: int, listen: int) -> None:
        self._target = target
        self.port = listen
        self._links: dict[int, tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        self._silent: set[int] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._count = 0
        self._tasks: set[asyncio.Task] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        self._server.close()
        self._flows.set()
        self.cut(len(self._links))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def links(self) -> int:
        return len(self._links)

    def cut(self, number: int, chance: random.Random | None = None) -> int:
        """Cut so many links without a word; returns how many there were to cut."""
        keys = list(self._links)
        chosen = (chance or random).sample(keys, min(number, len(keys)))
        for key in chosen:
            for writer in self._links.pop(key):
                writer.transport.abort()
        return len(chosen)

    def silence(self, chance: random.Random) -> int | None:
        """Let nothing through a link any more, without a word to either side; returns its number, if there is one."""
        keys = sorted(self._links.keys() - self._silent)
        if not keys:
            return None
        self._silent.add(key := chance.choice(keys))
        return key

    def has(self, key: int) -> bool:
        """Whether a link is still there."""
        return key in self._links

    async def stall(self, seconds: float) -> None:
        """Let nothing through for so long; nothing is lost, and new connections wait."""
        self._flows.clear()
        await asyncio.sleep(seconds)
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._flows.wait()
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._count += 1
        key = self._count
        self._links[key] = (writer, back_writer)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(key, reader, back_writer))
                both.create_task(self._pump(key, back_reader, writer))
        except* (OSError, _Ended):
            pass
        finally:
            self._links.pop(key, None)
            for side in (writer, back_writer):
                with contextlib.suppress(OSError):
                    side.close()

    async def _pump(self, key: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._flows.wait()
            if key in self._silent:
                continue
            writer.write(data)
            await writer.drain()
        raise _Ended


class _Ended(Exception):
    """One side has closed."""
