"""Running the application under Uvicorn."""

import asyncio
import gc
import logging
import os
import socket
import sys
import time
import warnings
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import STARTUP_FAILURE

from realtime.database import sessions
from realtime.protocol.frames import MAX_FRAME
from realtime.socket import uvicorn_protocol

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 10
"""Seconds that open requests have to end when the server stops."""
KEEP_ALIVE = 5
"""Seconds for which an idle HTTP connection is kept. A proxy must close its own sooner (deploy/nginx.conf)."""
DEPARTURE = 0.5
"""Seconds between telling clients that the server stops and closing their sockets."""
COLLECTIONS = (10_000, 10, 50)
"""Thresholds of the garbage collector; Python's defaults are (700, 10, 10).

A full collection stops the process for 70 ms for each thousand sockets, and while many clients connect, one would
follow the other. Most garbage is cycles of requests, which the first two generations find.
"""


# WhiteNoise reads its small files in a thread, which is what is wanted; Django warns of it each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")


class RequestProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, which gives clients of a Unix socket an address."""

    def connection_made(self, transport: Any) -> None:
        """Give clients of a Unix socket an address."""
        super().connection_made(transport)
        self.client = self.client or uvicorn_protocol.local_client(transport)


class Server(uvicorn.Server):
    """Uvicorn's server, which tells clients and a proxy before it stops.

    Args:
        config: Uvicorn's configuration.
        path: the path of an additional Unix socket to listen on.
    """

    def __init__(self, config: uvicorn.Config, path: str | None = None) -> None:
        super().__init__(config)
        self._path = path

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._path is None:
            return
        try:
            listening = await asyncio.get_running_loop().create_unix_server(self._protocol, self._path)
            os.chmod(self._path, 0o666)  # noqa: S103  (as open as the port: to whoever is on this machine)
        except OSError as error:
            logger.error("cannot listen at %s: %s", self._path, error)
            await self.lifespan.shutdown()
            sys.exit(STARTUP_FAILURE)
        self.servers.append(listening)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        engine = self.lifespan.state.get("realtime")
        if engine is not None and engine.send_away():
            await asyncio.sleep(DEPARTURE)
        if settings.BEHIND_PROXY:
            await self._let_the_proxy_hang_up()
        await super().shutdown(sockets)

    async def _let_the_proxy_hang_up(self) -> None:
        """Wait until the proxy has closed its connections, which it does when they are idle or an answer says so.

        If the server closed an idle connection while a request is on its way, nobody would answer that request,
        and a proxy may not send a POST to another server.
        """
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        deadline = time.monotonic() + KEEP_ALIVE
        while self._has_requests_to_come() and not self.force_exit and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # Uvicorn has no event for the end of a connection

    def _has_requests_to_come(self) -> bool:
        return any(isinstance(one, self.config.http_protocol_class) for one in self.server_state.connections)


def configuration(**options: object) -> uvicorn.Config:
    """The configuration of Uvicorn.

    Args:
        **options: further options of `uvicorn.Config`, such as host and port.
    """
    return uvicorn.Config(
        "unitemate.asgi:application",
        http=RequestProtocol,
        ws="realtime.socket.uvicorn_protocol:FrameProtocol",
        ws_max_size=MAX_FRAME,
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
        # Frames are small: deflate would cost more memory per connection than it saves.
        ws_per_message_deflate=False,
        # Limits count by address, so a client must not choose its own.
        proxy_headers=settings.BEHIND_PROXY,
        forwarded_allow_ips=settings.FORWARDED_ALLOW_IPS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
        access_log=False,
        log_config=None,
        **options,  # type: ignore[arg-type]
    )


def serve(listening: socket.socket | None = None, *, path: str | None = None, **options: object) -> None:
    """Serve in this process until SIGINT or SIGTERM.

    Args:
        listening: a bound socket to accept from; if None, `host` and `port` apply.
        path: the path of an additional Unix socket to listen on.
        **options: options of `configuration`.
    """
    sessions.set_timeouts()
    how = configuration(**options)
    how.load()
    gc.collect()
    gc.freeze()  # imported modules stay, so the collector need not visit them
    gc.set_threshold(*COLLECTIONS)
    Server(how, path).run(sockets=[listening] if listening is not None else None)
