"""The task of a server process that publishes what is marked and sends it to the hubs.

On PostgreSQL one relay of the whole deployment publishes at a time: the one whose session holds
the lease (see `leases`), which also LISTENs for the triggers' notifications. One that cannot publish, or
cannot prove that it lives, gives it up. On SQLite every server process publishes, one transaction at a time, and
looks for marks of other processes every 200 ms.
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
        poll_every: between looks for marks that nobody announced, where the database cannot notify.
        poll_every_with_notify: the same where it can: a lost notification costs no more than this.
        layer_timeout: for the channel layer to take a message.
        collect_for: after a look, for further marks to collect, so that a burst is not looked at one by one.
        retry_after: after the database or the layer failed.
        give_up_after: for which one that leads may fail to publish before it lets another try.
        lease: to lead, and for the lease that this takes.
    """

    poll_every: float = 0.2
    poll_every_with_notify: float = 1.0
    layer_timeout: float = 2.0
    collect_for: float = 0.02
    retry_after: float = 0.5
    give_up_after: float = 5.0
    lease: leases.LeaseTiming = field(default_factory=leases.LeaseTiming)


class Relay:
    """Publishes and sends on; see the module.

    Args:
        layer: the channel layer to send through.
        timing: how long to wait for what.
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
        """Begin to publish."""
        wakeup.add_listener(self)
        jobs = [self._publish(), self._send()]
        if not self._leads:
            jobs.append(self._seek_leadership())
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Stop; what is marked and not yet published is left to the next process."""
        wakeup.remove_listener(self)
        await cancel_and_wait(self._tasks)

    def notify(self) -> None:
        """See `wakeup.PublishListener`."""
        with contextlib.suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(self._notified.set)

    def forward(self, publications: Sequence[Publication]) -> None:
        """See `wakeup.PublishListener`."""
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
                    # It is committed; the hubs notice by its head that they have missed it. So they do
                    # with what waits behind it, sooner than it would come if each took the same time.
                    logger.warning("the channel layer took no message: %s", type(error).__name__)
                    metrics.LAYER_FAILURES.labels("send").inc()
                    self._discard_outbox()
                    break

    def _discard_outbox(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()

    async def _seek_leadership(self) -> None:
        """Hold the lease and listen, for as long as the session lives; then try again."""
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
                pause = 3 * self.timing.lease.retry_every  # others come first
            except pooling.TransactionPooling:
                logger.error("no relay: %s %s", pooling.PROBLEM, pooling.REMEDY)
                pause = self.timing.lease.lasts
            except (psycopg.Error, OSError) as error:
                logger.warning("the relay's database session ended: %s", type(error).__name__)
            await asyncio.sleep(pause)

    async def _lead_until_lost(self, session: sessions.AsyncConnection) -> None:
        """Wait for the lease, and lead until it is lost or no use."""
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
            await asyncio.sleep(self.timing.collect_for)  # what comes meanwhile is then heard at one go
            if time.monotonic() < renew_at:
                continue
            if self._failing_since is not None and time.monotonic() - self._failing_since > self.timing.give_up_after:
                logger.error("this relay cannot publish; it lets another try")
                return
            if (await session.execute(leases.RENEW, values)).rowcount != 1:
                logger.warning("the relay's lease is gone")
                return
            renew_at = time.monotonic() + timing.renew_every
