"""A proxy whose links can be cut, silenced, and stalled, and behind which a whole host can vanish."""

import asyncio
import contextlib
import random

CHUNK = 64 * 1024


class Proxy:
    """Forwards connections to a port on loopback, or to a Unix socket.

    Args:
        target: the port, or the path of the socket, to forward to.
        listen: the port, or the path of the socket, to listen at.

    Attributes:
        links: the number of connections that go through it.
    """

    def __init__(self, target: int | str, listen: int | str) -> None:
        self._target = target
        self.port = listen
        self._vanished = False
        self._links: dict[int, tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        self._silent: set[int] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._count = 0
        self._tasks: set[asyncio.Task] = set()

    async def start(self) -> None:
        if isinstance(self.port, str):
            self._server = await asyncio.start_unix_server(self._serve, self.port)
        else:
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

    def vanish(self) -> None:
        """Let nothing through any more, on any link, not even that a side has ended it; new ones lead nowhere."""
        self._vanished = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(asyncio.CancelledError):  # which asyncio would log
            await self._link(reader, writer)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._flows.wait()
            if self._vanished:
                await asyncio.Event().wait()
            back_reader, back_writer = await self._reach()
        except (OSError, asyncio.CancelledError):
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

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._target, str):
            return await asyncio.open_unix_connection(self._target)
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _pump(self, key: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                if key in self._silent or self._vanished:
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            if not self._vanished:
                raise
        if self._vanished:
            await asyncio.Event().wait()
        raise _Ended


class _Ended(Exception):
    """One side has closed."""
