"""Heartbeats: at a fixed interval each client is told the heads of its streams. It also learns that its link lives."""

import asyncio
from collections.abc import Callable, Iterator

from django.conf import settings
from msgspec import UNSET, UnsetType

from realtime import metrics
from realtime.delivery.connection import Connection
from realtime.protocol import frames
from realtime.tasks import cancel_and_wait

SLOTS = 20
"""Slots of an interval. Connections are spread over them, so that not all heartbeats are sent at once."""


class HeartbeatSender:
    """Sends the heartbeats of all connections of a process.

    Args:
        is_certain: whether this process's mirrors can be relied on. While they cannot, heartbeats say so.
    """

    def __init__(self, is_certain: Callable[[], bool] = lambda: True) -> None:
        self._is_certain = is_certain
        self._slots: list[set[Connection]] = [set() for _ in range(SLOTS)]
        self._next = 0
        self._counted_until = 0.0
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start to send."""
        self._job = asyncio.create_task(self._send_for_ever())

    async def stop(self) -> None:
        """Send no more heartbeats."""
        if self._job is not None:
            await cancel_and_wait((self._job,))

    def add(self, connection: Connection) -> None:
        """Send heartbeats to a connection, the first within one interval."""
        min(self._slots, key=len).add(connection)

    def remove(self, connection: Connection) -> None:
        """Send no more heartbeats to a connection."""
        for slot in self._slots:
            slot.discard(connection)

    def connections(self) -> Iterator[Connection]:
        """The connections that get heartbeats: all authenticated ones."""
        for slot in self._slots:
            yield from tuple(slot)

    async def _send_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        self._counted_until = loop.time()
        while True:
            await asyncio.sleep(settings.REALTIME_HEARTBEAT / SLOTS)
            sent = size = 0
            slot = self._slots[self._next]
            uncertain: bool | UnsetType = UNSET if self._is_certain() else True
            self._next = (self._next + 1) % SLOTS
            for connection in tuple(slot):
                # A client that is behind gets an update next, which also shows that the link lives.
                if connection.is_caught_up:
                    frame = frames.encode(frames.Heartbeat(connection.heads(), uncertain))
                    connection.write(frame)
                    sent += 1
                    size += len(frame)
            metrics.SENT_FRAMES.labels(metrics.NO_TYPE, "heartbeat").inc(sent)
            metrics.SENT_BYTES.labels(metrics.NO_TYPE, "heartbeat").inc(size)
            self._count_time(loop.time())

    def _count_time(self, now: float) -> None:
        """Count the time since the last slot, for every connection."""
        metrics.CONNECTED.labels().inc(sum(map(len, self._slots)) * (now - self._counted_until))
        self._counted_until = now
