"""The engine of a server process: everything of `realtime` of which a process has one."""

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
"""Seconds in which everything must stop, even if other services do not answer. A worker process has more."""


class Engine:
    """The hub, relay, presence keeper, heartbeats, sampler, limits and sign-in of one process.

    Args:
        stop_within: seconds in which everything must stop.
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
        """Start everything. Connections may come when this has returned."""
        _draining.clear()
        for component in (self.hub, self.relay, self.presence, self.heartbeats, self.sampler):
            await component.start()

    async def stop(self) -> None:
        """Stop everything in the opposite order and in bounded time, even if a component fails to stop."""
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
        """Close every connection, and tell each client when to come back. The times are spread.

        Returns:
            How many were closed.
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
    """Whether this process has sent its clients away."""
    return _draining.is_set()


_of_loop: dict[asyncio.AbstractEventLoop, "asyncio.Task[Engine]"] = {}


async def engine_for(scope: Mapping[str, Any]) -> Engine:
    """The engine of this process.

    A server with ASGI lifespan starts it and puts it into the scope's state. Under a server without (Daphne) the
    first connection starts it.
    """
    engine = scope.get("state", {}).get("realtime")
    if engine is not None:
        return engine  # type: ignore[no-any-return]
    loop = asyncio.get_running_loop()
    if loop not in _of_loop:
        _of_loop[loop] = loop.create_task(_started())
    return await asyncio.shield(_of_loop[loop])


def has_polled(scope: Mapping[str, Any], owner: str) -> None:
    """Count a request as a sign of life of its owner. Views call it, in any thread.

    Args:
        scope: the request's scope; empty for a request that did not come by ASGI. Without an engine in it, nothing
            is counted.
        owner: the owner whose request it is.
    """
    engine = scope.get("state", {}).get("realtime")
    if engine is not None:
        engine.presence.seen(owner)


async def _started() -> Engine:
    engine = Engine()
    await engine.start()
    return engine
