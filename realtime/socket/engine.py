"""The realtime machinery of one server process, and where a connection finds it."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

from realtime.database import threads
from realtime.delivery.hub import Hub
from realtime.delivery.store import Database
from realtime.operations.sampler import Sampler
from realtime.protocol import close_codes
from realtime.publishing.relay import Relay
from realtime.socket.admission import ConnectionLimits
from realtime.socket.heartbeat import HeartbeatSender
from realtime.socket.presence import PresenceKeeper
from realtime.socket.signin import SignIn

logger = logging.getLogger(__name__)

STOP_WITHIN = 8.0
"""Seconds that everything may take to stop, whatever does not answer: less than a worker process has."""


class Engine:
    """Hub, relay, presence, heartbeat, watch, the gate and who looks at tokens: one of each in a process.

    Args:
        stop_within: seconds that everything may take to stop.
    """

    def __init__(self, stop_within: float = STOP_WITHIN) -> None:
        self._stop_within = stop_within
        layer = get_channel_layer()
        self.hub = Hub(layer, Database())
        self.relay = Relay(layer)
        self.presence = PresenceKeeper(draining)
        self.heartbeats = HeartbeatSender(lambda: self.hub.is_certain)
        self.sampler = Sampler(self.hub)
        self.limits = ConnectionLimits()
        self.identify = SignIn()

    async def start(self) -> None:
        """Start everything; connections may come when this returns."""
        _draining.clear()
        for component in (self.hub, self.relay, self.presence, self.heartbeats, self.sampler):
            await component.start()

    async def stop(self) -> None:
        """Stop everything, in the opposite order, in bounded time; what fails keeps nothing else from stopping."""
        deadline = asyncio.get_running_loop().time() + self._stop_within
        for component in (self.sampler, self.heartbeats, self.presence, self.relay, self.hub):
            try:
                async with asyncio.timeout_at(deadline):
                    await component.stop()
            except Exception as error:
                logger.warning("%s could not be stopped in order: %s", type(component).__name__, type(error).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await threads.finish()

    def send_away(self) -> int:
        """Tell every client that this process ends and when to come back, spread over time.

        Returns:
            How many were told.
        """
        self.limits.is_open = False
        _draining.set()
        self.presence.renew_soon()
        connections = list(self.heartbeats.connections())
        for connection in connections:
            connection.close(close_codes.restarting())
        return len(connections)


_draining = threading.Event()


def draining() -> bool:
    """Whether this process is on its way out."""
    return _draining.is_set()


_of_loop: dict[asyncio.AbstractEventLoop, "asyncio.Task[Engine]"] = {}


async def engine_for(scope: Mapping[str, Any]) -> Engine:
    """The engine of a connection's process.

    A server with ASGI lifespan starts it and hands it over in the scope's state; under one
    without (Daphne) it starts with the first connection.
    """
    engine = scope.get("state", {}).get("realtime")
    if engine is not None:
        return engine  # type: ignore[no-any-return]
    loop = asyncio.get_running_loop()
    if loop not in _of_loop:
        _of_loop[loop] = loop.create_task(_started())
    return await asyncio.shield(_of_loop[loop])


def has_polled(scope: Mapping[str, Any], owner: str) -> None:
    """Take a request of an owner as a sign of life, where the process has an engine. For views, in any thread.

    Args:
        scope: of the request; empty for one that did not come by ASGI.
        owner: whose request it is.
    """
    engine = scope.get("state", {}).get("realtime")
    if engine is not None:
        engine.presence.seen(owner)


async def _started() -> Engine:
    engine = Engine()
    await engine.start()
    return engine
