"""The task of a server process that publishes what is marked and sends it to the hubs.

On PostgreSQL one relay of the whole deployment publishes at a time: the one whose session holds
the advisory lock, which also LISTENs for the triggers' notifications. On SQLite every server
process publishes, one transaction at a time, and looks for marks of other processes every 200 ms.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from realtime import metrics, triggers, wake
from realtime.lease import connection_parameters, lock_key
from realtime.publisher import Publication, publish_marked
from realtime.streams import kind_of
from realtime.threads import in_thread

logger = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between looks for marks that nobody announced, where the database cannot notify."""
SWEEP = 1.0
"""The same where it can: a lost wake costs no more than this."""
LAYER_TIMEOUT = 2.0
"""Seconds that the channel layer may take for a message."""
PAUSE = 0.02
"""Seconds after a look in which further marks collect, so that a burst is not looked at one by one."""
RETRY = 0.5
"""Seconds to wait after the database or the layer failed."""


class Relay:
    """Publishes and sends on; see the module.

    Args:
        layer: the channel layer to send through.
    """

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._outbox: asyncio.Queue[Sequence[Publication]] = asyncio.Queue()
        self._leads = connection.vendor != "postgresql"
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to publish."""
        wake.attach(self)
        jobs = [self._publish(), self._send()]
        if not self._leads:
            jobs.append(self._lead())
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        """Stop; what is marked and not yet published is left to the next process."""
        wake.detach(self)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """See `wake.Outlet`."""
        with contextlib.suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(self._woken.set)

    def hand_over(self, publications: Sequence[Publication]) -> None:
        """See `wake.Outlet`."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._outbox.put_nowait, publications)

    async def _publish(self) -> None:
        interval = LOOK if self._leads else SWEEP
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(interval):
                    await self._woken.wait()
            self._woken.clear()
            more = self._leads
            while more:
                try:
                    publications, more = await in_thread(publish_marked)
                except Exception:
                    logger.exception("publishing failed; trying again")
                    metrics.PUBLISH_FAILURES.of().inc()
                    await asyncio.sleep(RETRY)
                else:
                    if publications:
                        self._outbox.put_nowait(publications)
                    await asyncio.sleep(PAUSE)

    async def _send(self) -> None:
        while True:
            for publication in await self._outbox.get():
                kind = kind_of(publication.stream)
                if kind is None or not kind.is_pushed:
                    continue
                try:
                    async with asyncio.timeout(LAYER_TIMEOUT):
                        await self._layer.group_send(publication.stream, publication.as_message())
                except Exception as error:
                    # It is committed; the hubs notice by its head that they have missed it. So they do
                    # with what waits behind it, sooner than it would come if each took the same time.
                    logger.warning("the channel layer took no message: %s", type(error).__name__)
                    metrics.LAYER_FAILURES.of("send").inc()
                    self._forget_waiting()
                    break

    def _forget_waiting(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()

    async def _lead(self) -> None:
        """Hold the lock and listen, for as long as the session lives; then try again."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**connection_parameters(), autocommit=True) as session:
                    await self._take_lock(session)
                    await session.execute(f"LISTEN {triggers.CHANNEL}")
                    self._leads = True
                    self._woken.set()
                    while True:
                        async for _ in session.notifies(stop_after=1):
                            self._woken.set()
                        await asyncio.sleep(PAUSE)  # what comes meanwhile is then heard at one go
            except psycopg.Error as error:
                logger.warning("the relay's database session ended: %s", type(error).__name__)
            finally:
                self._leads = False
            await asyncio.sleep(RETRY)

    async def _take_lock(self, session: psycopg.AsyncConnection[Any]) -> None:
        while True:
            row = await (await session.execute("SELECT pg_try_advisory_lock(%s)", [lock_key("relay")])).fetchone()
            if row and row[0]:
                return
            await asyncio.sleep(SWEEP)
