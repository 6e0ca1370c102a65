"""The relay: publishes dirty streams and sends the publications to the hubs.

On PostgreSQL every server process has a relay, and one of them leads: the one whose session holds the lease
(`realtime.publishing.leases`). It alone publishes, and it listens for the triggers' notifications. A leader that
cannot publish, or cannot renew its lease, lets another one lead.

On SQLite every relay publishes. It polls for the dirty streams of other processes every 200 ms.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from realtime import metrics
from realtime.database import pooling, sessions
from realtime.database.threads import in_thread
from realtime.publishing import leases, wakeup
from realtime.publishing.publication import Publication
from realtime.publishing.publisher import publish_dirty
from realtime.streams import stream_type_of
from realtime.tasks import cancel_and_wait

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RelayTiming:
    """How long a relay waits, in seconds.

    Attributes:
        poll_every: between two checks for dirty streams, on a database that cannot notify.
        poll_every_with_notify: the same on one that can. It bounds the cost of a lost notification.
        layer_timeout: for the channel layer to take a message.
        collect_for: after a notification or a publication, in which further changes are collected, so that a burst is
            published together.
        retry_after: after a failure of the database or the layer.
        give_up_after: for which a leader may fail to publish before it lets another relay lead.
        lease: the times of the lease that a leader holds.
    """

    poll_every: float = 0.2
    poll_every_with_notify: float = 1.0
    layer_timeout: float = 2.0
    collect_for: float = 0.02
    retry_after: float = 0.5
    give_up_after: float = 5.0
    lease: leases.LeaseTiming = field(default_factory=leases.LeaseTiming)


class Relay:
    """One process's relay.

    Args:
        layer: the channel layer to send through.
        timing: how long to wait.
    """

    def __init__(self, layer: Any, timing: RelayTiming | None = None) -> None:
        self.timing = timing or RelayTiming()
        self._layer = layer
        self._loop = asyncio.get_running_loop()
        self._notified = asyncio.Event()
        self._outbox: asyncio.Queue[Sequence[Publication]] = asyncio.Queue()
        self._leads = connection.vendor != "postgresql"
        self._failing_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start to publish, once this relay leads."""
        wakeup.add_listener(self)
        jobs = [self._publish(), self._send()]
        if not self._leads:
            jobs.append(self._seek_leadership())
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Stop. Dirty streams that are left are published by another relay."""
        wakeup.remove_listener(self)
        await cancel_and_wait(self._tasks)

    def notify(self) -> None:
        """Publish soon, if this relay leads. Safe from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(self._notified.set)

    def forward(self, publications: Sequence[Publication]) -> None:
        """Send publications to the hubs. Safe from any thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._outbox.put_nowait, publications)

    async def _publish(self) -> None:
        timing = self.timing
        interval = timing.poll_every if self._leads else timing.poll_every_with_notify
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(interval):
                    await self._notified.wait()
            self._notified.clear()
            more = True
            while more and self._leads:
                try:
                    publications, more = await in_thread(publish_dirty)
                except Exception:
                    logger.exception("publishing failed; trying again")
                    metrics.PUBLISH_FAILURES.labels().inc()
                    self._failing_since = self._failing_since or time.monotonic()
                    await asyncio.sleep(self.timing.retry_after)
                else:
                    self._failing_since = None
                    if publications:
                        self._outbox.put_nowait(publications)
                    await asyncio.sleep(self.timing.collect_for)

    async def _send(self) -> None:
        while True:
            for publication in await self._outbox.get():
                stream_type = stream_type_of(publication.stream)
                if stream_type is None or not stream_type.is_followed:
                    continue
                try:
                    async with asyncio.timeout(self.timing.layer_timeout):
                        await self._layer.group_send(publication.stream, publication.as_message())
                except Exception as error:
                    # The change is committed, and the hubs find it by comparing with the stored heads. They do so
                    # within two seconds. To try the waiting messages one timeout each would take longer.
                    logger.warning("the channel layer took no message: %s", type(error).__name__)
                    metrics.LAYER_FAILURES.labels("send").inc()
                    self._discard_outbox()
                    break

    def _discard_outbox(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()

    async def _seek_leadership(self) -> None:
        """Lead whenever the lease can be had. Each attempt has a database session of its own."""
        while True:
            pause = self.timing.retry_after
            try:
                if await in_thread(pooling.is_transaction_pooled):
                    raise pooling.TransactionPooling(pooling.PROBLEM)
                session = await sessions.open_async_session(self.timing.lease.statement_timeout)
                try:
                    await self._lead_until_lost(session)
                finally:
                    self._leads = False
                    await session.close()
                pause = 3 * self.timing.lease.retry_every  # other relays get the lease first
            except pooling.TransactionPooling:
                logger.error("no relay: %s %s", pooling.PROBLEM, pooling.REMEDY)
                pause = self.timing.lease.lasts
            except (psycopg.Error, OSError) as error:
                logger.warning("the relay's database session ended: %s", type(error).__name__)
            await asyncio.sleep(pause)

    async def _lead_until_lost(self, session: sessions.AsyncConnection) -> None:
        """Wait for the lease, then lead until the lease is lost or publishing keeps failing."""
        timing = self.timing.lease
        values = leases.LeaseParameters("relay", timing.lasts).values
        while (await session.execute(leases.ACQUIRE, values)).rowcount != 1:
            await session.execute(leases.TERMINATE_EXPIRED_HOLDER, values)
            await asyncio.sleep(timing.retry_every)
        await session.execute(f"LISTEN {wakeup.CHANNEL}")
        self._failing_since, self._leads = None, True
        self._notified.set()
        renew_at = time.monotonic() + timing.renew_every
        while True:
            async for _ in session.notifies(timeout=max(0.0, renew_at - time.monotonic()), stop_after=1):
                self._notified.set()
            await asyncio.sleep(self.timing.collect_for)  # further notifications are then read together
            if time.monotonic() < renew_at:
                continue
            if self._failing_since is not None and time.monotonic() - self._failing_since > self.timing.give_up_after:
                logger.error("this relay cannot publish; it lets another try")
                return
            if (await session.execute(leases.RENEW, values)).rowcount != 1:
                logger.warning("the relay's lease is gone")
                return
            renew_at = time.monotonic() + timing.renew_every
