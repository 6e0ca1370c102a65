"""Presence: which owners are connected, or poll, on any process.

A worker has a lease in `Worker`, and one `Presence` row for each owner who is connected to it or polls it. The row
appears at once. It goes five seconds after the last connection, so that a reload does not show, or after three
polling intervals without a poll. When a worker dies, its lease expires, and any other worker removes its rows. Leases
go by the database's clock, since the clocks of hosts differ.
"""

import asyncio
import logging
import os
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from realtime.database.threads import finish, in_thread
from realtime.models import Presence, Worker
from realtime.tasks import cancel_and_wait

logger = logging.getLogger(__name__)

OFFLINE_DELAY = 5.0
"""Seconds that an owner stays present after the last connection."""
POLLS = 3
"""Polling intervals (`settings.POLL_INTERVAL`) that an owner stays present after a poll."""
LEASE_FOR = timedelta(seconds=15)
RENEW_EVERY = 5.0
"""Seconds between two renewals of the lease. Each also removes workers whose lease has expired."""
BATCH_SECONDS = 0.1
"""Seconds in which changes are collected, to be written together."""


class PresenceKeeper:
    """Keeps one worker's rows.

    Args:
        is_draining: whether the process has sent its clients away.
        offline_delay: seconds that an owner stays present after the last connection.
        renew_every: seconds between renewals of the lease.
        batch: seconds in which changes are collected.
    """

    def __init__(
        self,
        is_draining: Callable[[], bool] = bool,
        *,
        offline_delay: float = OFFLINE_DELAY,
        renew_every: float = RENEW_EVERY,
        batch: float = BATCH_SECONDS,
    ) -> None:
        self._is_draining = is_draining
        self._offline_delay, self._renew_every, self._batch = offline_delay, renew_every, batch
        self.worker_id = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._loop = asyncio.get_running_loop()
        self._connections: Counter[str] = Counter()
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._polling: dict[str, asyncio.TimerHandle] = {}
        self._written: set[str] = set()
        self._rows_lost = False
        self._changed = asyncio.Event()
        self._due = asyncio.Event()
        self._jobs: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Acquire the lease and start to write."""
        self._jobs = [asyncio.create_task(self._renew_for_ever()), asyncio.create_task(self._write_for_ever())]

    async def stop(self) -> None:
        """Give the lease up and delete the rows."""
        await cancel_and_wait(self._jobs)
        for timer in (*self._leaving.values(), *self._polling.values()):
            timer.cancel()
        await finish()  # or a renewal that is under way would make the row again
        await in_thread(_delete_worker, self.worker_id)

    def arrived(self, owner: str) -> None:
        """Count one more connection of an owner."""
        self._connections[owner] += 1
        if (timer := self._leaving.pop(owner, None)) is not None:
            timer.cancel()
        self._changed.set()

    def left(self, owner: str) -> None:
        """Count one connection less of an owner."""
        self._connections[owner] -= 1
        if self._connections[owner] <= 0:
            del self._connections[owner]
            self._leaving[owner] = self._loop.call_later(self._offline_delay, self._end_offline_delay, owner)

    def seen(self, owner: str) -> None:
        """Note that an owner has polled this worker. Safe from any thread."""
        with suppress(RuntimeError):  # the loop is closed, and the worker gone
            self._loop.call_soon_threadsafe(self._has_polled, owner)

    def write_anew(self) -> None:
        """Write all rows again, since they may be lost."""
        self._rows_lost = True
        self._changed.set()

    def renew_soon(self) -> None:
        """Renew the lease now, because what the worker's row says has changed."""
        self._due.set()

    def _end_offline_delay(self, owner: str) -> None:
        self._leaving.pop(owner, None)
        self._changed.set()

    def _has_polled(self, owner: str) -> None:
        if (timer := self._polling.pop(owner, None)) is not None:
            timer.cancel()
        else:
            self._changed.set()
        self._polling[owner] = self._loop.call_later(POLLS * settings.POLL_INTERVAL, self._end_polling, owner)

    def _end_polling(self, owner: str) -> None:
        self._polling.pop(owner, None)
        self._changed.set()

    async def _write_for_ever(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(self._batch)
            self._changed.clear()
            if self._rows_lost:
                self._rows_lost, self._written = False, set()
            wanted = {*self._connections, *self._leaving, *self._polling}
            try:
                await in_thread(_write, self.worker_id, wanted - self._written, self._written - wanted)
            except Exception:
                logger.exception("presence could not be written; trying again")
                await asyncio.sleep(self._renew_every)
                self.write_anew()
            else:
                self._written = wanted

    async def _renew_for_ever(self) -> None:
        while True:
            try:
                if await in_thread(_renew, self.worker_id, self._is_draining()):
                    self.write_anew()  # another worker took this one for dead and removed its rows
            except Exception:
                logger.exception("the worker's lease could not be renewed")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._renew_every):
                    await self._due.wait()
            self._due.clear()


def _renew(worker_id: str, is_draining: bool = False) -> bool:
    """Renew a worker's lease and remove the workers whose lease has expired.

    Returns:
        Whether the worker's own row was missing.
    """
    with transaction.atomic():
        state = {"expires_at": Now() + LEASE_FOR, "release": settings.RELEASE[:64], "draining": is_draining}
        _, created = Worker.objects.update_or_create(pk=worker_id, defaults=state)
        Worker.objects.filter(expires_at__lt=Now()).delete()
    return created


def _write(worker_id: str, arrived: set[str], gone: set[str]) -> None:
    with transaction.atomic():
        Worker.objects.get_or_create(pk=worker_id, defaults={"expires_at": Now() + LEASE_FOR})
        Presence.objects.bulk_create(
            [Presence(worker_id=worker_id, owner=owner) for owner in sorted(arrived)], ignore_conflicts=True
        )
        if gone:
            Presence.objects.filter(worker_id=worker_id, owner__in=gone).delete()


def _delete_worker(worker_id: str) -> Any:
    return Worker.objects.filter(pk=worker_id).delete()
