"""The hub: the process's one subscriber of the channel layer, and its mirrors of streams.

An update from the layer is applied to the stream's mirror, and goes out from there (`fanout`).
The layer delivers at most once, so the hub checks: a gap in the numbering is repaired with one
read, and the mirrors are compared with the stored heads every second, which finds a lost *last*
change that no gap would show.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from realtime import metrics
from realtime.delivery.connection import Connection
from realtime.delivery.fanout import MERGE_WINDOW, Stream
from realtime.delivery.store import Store
from realtime.protocol import Mirror, Position, Verdict
from realtime.streams import stream_type_of
from realtime.tasks import cancel_and_wait

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubTiming:
    """How long a hub waits, in seconds.

    Attributes:
        idle_timeout: before it lets go of a stream without connections, so that a reload finds it.
        compare_every: between comparisons of the mirrors with the stored heads.
        confirm_every: between readings of a stream for clients that claim to hold more than is known here.
        layer_timeout: for a subscription to the channel layer.
        compare_overlap: so far a comparison looks back beyond the one before, for transactions that took long to commit.
        uncertain_after: without a comparison, after which clients are told to ask for themselves.
        max_outbox_lag: the same for a change that waits to be published: longer than another relay needs to take
            over, in most cases.
        merge: after a stream's frame, for further changes to go as one.
    """

    idle_timeout: float = 10.0
    compare_every: float = 1.0
    confirm_every: float = 1.0
    layer_timeout: float = 2.0
    compare_overlap: float = 15.0
    uncertain_after: float = 5.0
    max_outbox_lag: float = 10.0
    merge: float = MERGE_WINDOW


class Subscription:
    """Where a stream's state comes from: its subscription, and the reads that begin and repair it.

    Attributes:
        loading: the task that reads the state, while it does.
        buffer: messages that came meanwhile.
        in_group: whether the layer has this process in the stream's group.
        confirming: the task that is about to read it, since a client claims to hold more than is known here.
        confirm_started_at: when the last such reading began, in the event loop's seconds.
    """

    __slots__ = ("buffer", "close_timer", "confirm_started_at", "confirming", "in_group", "loading", "stream")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.loading: asyncio.Task[bool] | None = None
        self.buffer: list[dict[str, Any]] = []
        self.in_group = False
        self.close_timer: asyncio.TimerHandle | None = None
        self.confirming: asyncio.Task[bool] | None = None
        self.confirm_started_at = float("-inf")


class Hub:
    """See the module.

    Args:
        layer: the channel layer to subscribe to.
        store: where to read what the layer does not bring.
        timing: how long to wait for what.
    """

    def __init__(self, layer: Any, store: Store, timing: HubTiming | None = None) -> None:
        self.timing = timing or HubTiming()
        self._layer = layer
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._channel = ""
        self._subscriptions: dict[str, Subscription] = {}
        self._jobs: set[asyncio.Task[Any]] = set()
        self._compared_at = self._loop.time()
        self._outbox_lag = 0.0

    async def start(self) -> None:
        """Begin to listen."""
        self._spawn(self._listen())
        self._spawn(self._compare_for_ever())

    async def stop(self) -> None:
        """Stop listening and forget the streams."""
        await cancel_and_wait(self._jobs)
        for subscription in tuple(self._subscriptions.values()):
            if subscription.close_timer is not None:
                subscription.close_timer.cancel()
            subscription.stream.members.clear()
            self._spawn(self._close(subscription))
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=self.timing.layer_timeout)
            await cancel_and_wait(self._jobs)
        metrics.held(())

    # --- connections ------------------------------------------------------------------------

    async def join(
        self, connection: Connection, name: str, have: Position | None = None, action: str | None = None
    ) -> None:
        """Give a stream to a connection: its snapshot, unless it holds it already, and then every change.

        Args:
            connection: who gets it.
            name: the stream; entitlement is the caller's business.
            have: the position that the client says it holds.
            action: what to call the snapshot, if not by its type's name for it.

        Raises:
            ValueError: no stream type has this name.
            Exception: whatever the store raises when the stream has to be read and cannot be.
        """
        subscription = await self._ensure_loaded(name)
        # One that comes from a process that has heard more would be set back by what is known here.
        if (
            have is not None
            and subscription.stream.is_behind(have)
            and not await asyncio.shield(self._confirm(subscription))
        ):
            raise ConnectionError("the stream could not be read")
        # From here on nothing awaits, so no change can slip between snapshot and membership.
        if not connection.closed and name not in connection.streams:
            subscription.stream.add(connection, have, action)
        self._close_later_if_idle(subscription)

    def leave(self, connection: Connection, name: str) -> None:
        """Take a stream from a connection; harmless if it has it not."""
        stream = connection.streams.get(name)
        if stream is not None:
            stream.remove(connection)
            if (subscription := self._subscriptions.get(name)) is not None:
                self._close_later_if_idle(subscription)

    def drop(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for name in tuple(connection.streams):
            self.leave(connection, name)

    def _auto_subscribe(self, connection: Connection, name: str, is_change: bool) -> None:
        stream_type = stream_type_of(name)
        if stream_type is not None and stream_type.is_pushed and name not in connection.streams:
            self._spawn(self._join_with_retries(connection, name, stream_type.found if is_change else None))

    async def _join_with_retries(self, connection: Connection, name: str, action: str | None) -> None:
        """Join a stream that was auto_subscribed; again and again while it cannot be read."""
        while not connection.closed:
            try:
                await self.join(connection, name, connection.have.get(name), action)
            except Exception as error:
                logger.warning("a auto_subscribed stream could not be opened: %s", type(error).__name__)
                await asyncio.sleep(self.timing.compare_every)
            else:
                return

    @property
    def is_certain(self) -> bool:
        """Whether the mirrors have been compared with the database of late, and changes get published."""
        is_compared = self._loop.time() - self._compared_at < self.timing.uncertain_after
        return is_compared and self._outbox_lag < self.timing.max_outbox_lag

    def members(self, name: str) -> int:
        """How many connections of this process hold a stream."""
        subscription = self._subscriptions.get(name)
        return len(subscription.stream.members) if subscription is not None else 0

    # --- streams ----------------------------------------------------------------------------

    async def _ensure_loaded(self, name: str) -> Subscription:
        """The stream with a current mirror, read from the database if it was not here yet."""
        subscription = self._subscriptions.get(name)
        if subscription is None:
            stream_type = stream_type_of(name)
            if stream_type is None:
                raise ValueError(f"no stream type has the name {name!r}")
            stream = Stream(name, stream_type, self._auto_subscribe, self._loop, merge=self.timing.merge)
            subscription = self._subscriptions[name] = Subscription(stream)
            subscription.loading = self._spawn(self._open(subscription))
        if subscription.loading is not None:
            await asyncio.shield(subscription.loading)
        return subscription

    async def _open(self, subscription: Subscription) -> bool:
        """Join the group first, then read: what comes meanwhile waits in the buffer."""
        await self._subscribe(subscription)
        try:
            state = await self._store.snapshot(subscription.stream.name)
        except BaseException:
            self._subscriptions.pop(subscription.stream.name, None)
            raise
        self._adopt(subscription, state)
        return True

    async def _subscribe(self, subscription: Subscription) -> bool:
        """Join the stream's group; whether that worked. While it does not, the comparison with the heads serves."""
        try:
            async with asyncio.timeout(self.timing.layer_timeout):
                await self._layer.group_add(subscription.stream.name, self._channel)
            subscription.in_group = True
        except Exception as error:
            logger.warning("the channel layer took no subscription: %s", type(error).__name__)
            metrics.LAYER_FAILURES.labels("subscribe").inc()
        return subscription.in_group

    def _adopt(self, subscription: Subscription, state: Mirror) -> None:
        """Hold a state read from the database, and what was buffered beyond it."""
        stream = subscription.stream
        subscription.loading = None
        if stream.mirror.epoch != state.epoch or state.seq > stream.mirror.seq:
            stream.mirror = state
        buffered, subscription.buffer = subscription.buffer, []
        verdicts = [stream.take(message) for message in buffered]
        stream.flush()
        if Verdict.GAP in verdicts:
            self._repair(subscription)

    def _close_later_if_idle(self, subscription: Subscription) -> None:
        if not subscription.stream.members and subscription.close_timer is None:
            subscription.close_timer = self._loop.call_later(
                self.timing.idle_timeout, self._close_if_still_idle, subscription
            )

    def _close_if_still_idle(self, subscription: Subscription) -> None:
        subscription.close_timer = None
        if not subscription.stream.members and subscription.loading is None:
            self._spawn(self._close(subscription))

    async def _close(self, subscription: Subscription) -> None:
        name = subscription.stream.name
        if self._subscriptions.get(name) is not subscription or subscription.stream.members:
            return  # somebody came back
        del self._subscriptions[name]
        subscription.stream.stop()
        try:
            async with asyncio.timeout(self.timing.layer_timeout):
                await self._layer.group_discard(name, self._channel)
        except Exception as error:
            logger.warning("the channel layer ended no subscription: %s", type(error).__name__)
            metrics.LAYER_FAILURES.labels("unsubscribe").inc()
        if (reopened := self._subscriptions.get(name)) is not None:
            reopened.subscribed = False  # its subscription went with this one; the comparison renews it

    # --- changes ----------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                if not self._channel:
                    self._channel = await self._layer.new_channel()
                message = await self._layer.receive(self._channel)
            except Exception as error:
                logger.warning("the channel layer brings nothing: %s", type(error).__name__)
                metrics.LAYER_FAILURES.labels("receive").inc()
                await asyncio.sleep(self.timing.compare_every)
                continue
            try:
                self._take(message)
            except Exception:
                logger.exception("a message could not be used; the comparison with the heads makes up for it")

    def _take(self, message: dict[str, Any]) -> None:
        subscription = self._subscriptions.get(message["stream"])
        if subscription is None:
            return
        if subscription.loading is not None:
            subscription.buffer.append(message)
            return
        verdict = subscription.stream.take(message)
        if verdict is Verdict.APPLIED:
            subscription.stream.flush_soon()
        elif verdict is Verdict.GAP:
            self._repair(subscription)

    # --- repair -----------------------------------------------------------------------------

    def _repair(self, subscription: Subscription) -> "asyncio.Task[bool]":
        """Read a stream anew: something was missed."""
        if subscription.loading is None:
            metrics.REPAIRS.labels(subscription.stream.stream_type.name).inc()
            subscription.loading = self._spawn(self._reload(subscription))
        return subscription.loading

    def _confirm(self, subscription: Subscription) -> "asyncio.Task[bool]":
        """Read a stream anew because a client says that there is more; whether it could be read.

        Anybody may say so, true or not: however many do, it costs one reading in `confirm_every`, and counts as
        no repair.
        """
        if subscription.confirming is None:
            subscription.confirming = self._spawn(self._reload_for_claim(subscription))
        return subscription.confirming

    async def _reload_for_claim(self, subscription: Subscription) -> bool:
        await asyncio.sleep(subscription.confirm_started_at + self.timing.confirm_every - self._loop.time())
        while (
            subscription.loading is not None and not subscription.loading.done()
        ):  # it may have read before what is claimed was published
            await asyncio.wait((subscription.loading,))
        subscription.confirming = None  # what is claimed from here on may be newer than what is read
        subscription.confirm_started_at = self._loop.time()
        subscription.loading = self._spawn(self._reload(subscription))
        return await asyncio.shield(subscription.loading)

    async def _reload(self, subscription: Subscription) -> bool:
        """The task of a repair; returns whether the stream could be read."""
        try:
            state = await self._store.snapshot(subscription.stream.name)
        except Exception:
            logger.exception("could not repair a stream; the next comparison tries again")
            subscription.loading, subscription.buffer = None, []
            return False
        self._adopt(subscription, state)
        return True

    async def _compare_for_ever(self) -> None:
        suspects: dict[str, int] = {}
        while True:
            await asyncio.sleep(self.timing.compare_every)
            metrics.held(
                (subscription.stream.stream_type.name, len(subscription.stream.members))
                for subscription in self._subscriptions.values()
            )
            try:
                suspects = await self._compare(suspects)
            except Exception:
                logger.exception("could not compare with the stored heads")

    async def _compare(self, suspects: dict[str, int]) -> dict[str, int]:
        """Look for changes that were published and never came.

        Args:
            suspects: streams that lagged at the last look, with the seq they stood at.

        Returns:
            The same for the next look: a lag is repaired when it is seen twice, since at the
            first look the message may be on its way.
        """
        for subscription in tuple(self._subscriptions.values()):
            if not subscription.in_group and subscription.loading is None and not await self._subscribe(subscription):
                break  # so would thousands of others, each after its time; the next comparison tries again
        began, was_certain = self._loop.time(), self.is_certain
        recent = await self._store.recent(began - self._compared_at + self.timing.compare_overlap)
        lagging = {}
        repairs = []
        for name, epoch, seq in recent.heads:
            known = self._subscriptions.get(name)
            if known is None or known.loading is not None:
                continue
            mirror = known.stream.mirror
            if mirror.epoch == epoch and mirror.seq >= seq:
                continue
            if suspects.get(name) == mirror.seq or not was_certain:
                repairs.append(self._repair(known))
            else:
                lagging[name] = mirror.seq
        if not was_certain:  # clients that have asked elsewhere meanwhile must not be set back
            await asyncio.gather(*map(asyncio.shield, repairs))
        self._compared_at, self._outbox_lag = began, recent.outbox_lag
        return lagging

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self._loop.create_task(coroutine)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return task
