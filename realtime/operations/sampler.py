"""The task of a server process that takes samples."""

import asyncio
import logging
from datetime import datetime

from realtime.database import clock
from realtime.database.threads import in_thread
from realtime.delivery.hub import Hub
from realtime.operations.sampling import sample_if_due
from realtime.operations.stream import OPERATIONS
from realtime.tasks import cancel_and_wait

logger = logging.getLogger(__name__)

CHECK_EVERY = 1.0
"""Seconds between two checks. The first member of the stream waits no longer for the first sample."""


class Sampler:
    """Takes samples for as long as a connection of this process holds the `operations` stream.

    Args:
        hub: the process's own.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._job: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start to take samples."""
        self._job = asyncio.create_task(self._sample_for_ever())

    async def stop(self) -> None:
        """Stop taking samples."""
        if self._job is not None:
            await cancel_and_wait((self._job,))

    async def sample_if_watched(self, now: datetime) -> bool:
        """Take a sample if the stream has a member here and a sample is due; whether one was taken."""
        return self._hub.members(OPERATIONS.stream()) > 0 and await in_thread(sample_if_due, now)

    async def _sample_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            try:
                await self.sample_if_watched(clock.now())
            except Exception:
                logger.exception("no sample could be taken; trying again")
