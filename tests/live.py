"""A real server on a thread of the test process: Uvicorn, hub, relay and all, on the test's database."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.backend import free_port
from unitemate.serving.server import Server, configuration


class LiveServer:
    """A running server.

    Attributes:
        url: its address, `http://127.0.0.1:<port>`.
        engine: its realtime engine; touch it through `call` only.
    """

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, port: int) -> None:
        self._server = server
        self._loop = loop
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.socket_url = f"ws://127.0.0.1:{port}/ws/"

    @property
    def engine(self):
        return self._server.lifespan.state["realtime"]

    def stop(self) -> None:
        """Ask the server to stop, as SIGTERM would."""
        self._server.should_exit = True

    def call(self, function, *args):
        """Call a function on the server's loop and return what it returns; a coroutine is awaited."""

        async def run():
            result = function(*args)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)


@contextmanager
def running_server(websockets: str | None = None, path: str | None = None) -> Iterator[LiveServer]:
    """Run a server for the time of the block.

    Args:
        websockets: Uvicorn's name of another implementation than the service's own.
        path: of a Unix socket at which it listens besides.
    """
    port = free_port()
    options = configuration(host="127.0.0.1", port=port, lifespan="on")
    options.ws = websockets or options.ws
    server = Server(options, path)
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    thread.start()
    # Uvicorn calls itself started before our own server listens at the path.
    while not (server.started and len(server.servers) == (1 if path is None else 2)):
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        threading.Event().wait(0.01)
    live = LiveServer(server, loops[0], port)
    try:
        yield live
    finally:
        live.stop()
        thread.join(15)


@contextmanager
def _no_signals() -> Iterator[None]:
    yield
