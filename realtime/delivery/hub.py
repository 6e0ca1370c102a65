"""The hub: the process's one subscriber of the channel layer, and its mirrors of streams.

The hub applies an update from the layer to the stream's mirror; `fanout` sends it on from there.

The layer delivers at most once, so the hub looks for what is missing in two ways. A gap in a stream's
numbering shows that an earlier update was lost. A lost *last* update leaves no gap, so once a second the hub
compares its mirrors with the stored heads. Either way one read of the database repairs the stream for all of
its clients.
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
from realtime.delivery.subscription import Subscription
from realtime.protocol import Mirror, Position, Verdict
from realtime.streams import stream_type_of
from realtime.tasks import cancel_and_wait

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubTiming:
    """How long a hub waits, in seconds.

    Attributes:
        idle_timeout: how long a stream without connections is kept, so that a client which reloads finds it.
        compare_every: between two comparisons of the mirrors with the stored heads.
        confirm_every: between two reads of a stream that are made because clients claim to hold a newer state.
        layer_timeout: for the channel layer to join or leave a group.
        compare_overlap: by how much two comparisons overlap, since a row's `published_at` is older than its commit.
        uncertain_after: without a comparison, until clients are told to poll.
        max_outbox_lag: for a change that waits to be published, until clients are told to poll. Another relay
            usually takes over within that time.
        merge: after a frame of a stream, in which further changes are collected to be sent as one.
    """

    idle_timeout: float = 10.0
    compare_every: float = 1.0
    confirm_every: float = 1.0
    layer_timeout: float = 2.0
    compare_overlap: float = 15.0
    uncertain_after: float = 5.0
    max_outbox_lag: float = 10.0
    merge: float = MERGE_WINDOW


class Hub:
    """The subscriptions of one process.

    Args:
        layer: the channel layer to subscribe to.
        store: reads committed states, to begin a mirror and to repair one.
        timing: how long to wait.
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
        """Start to receive and to compare."""
        self._spawn(self._listen())
        self._spawn(self._compare_for_ever())

    async def stop(self) -> None:
        """Stop, and leave all groups."""
        await cancel_and_wait(self._jobs)
        for subscription in tuple(self._subscriptions.values()):
            if subscription.close_timer is not None:
                subscription.close_timer.cancel()
            subscription.stream.members.clear()
            self._spawn(self._close(subscription))
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=self.timing.layer_timeout)
            await cancel_and_wait(self._jobs)
        metrics.mirrored(())

    # --- connections ------------------------------------------------------------------------

    async def join(
        self, connection: Connection, name: str, have: Position | None = None, action: str | None = None
    ) -> None:
        """Make a connection a member of a stream.

        The client gets a snapshot, unless it holds the newest state already. It gets every later change.

        Args:
            connection: the new member.
            name: the stream. The caller has checked the entitlement.
            have: the position that the client says it holds.
            action: the snapshot's action, if not the stream type's own.

        Raises:
            ValueError: no stream type has this name.
            ConnectionError: the client claims a newer state, and the database could not be read.
            Exception: the store's own, when the stream is new here and cannot be read.
        """
        while True:
            subscription = await self._ensure_loaded(name)
            # The client may hold newer state than we do; refresh first, or we would send it an older one.
            is_behind = have is not None and subscription.stream.is_behind(have)
            if is_behind and not await asyncio.shield(self._confirm(subscription)):
                self._close_later_if_idle(subscription)
                raise ConnectionError("the stream could not be read")
            # A subscription without members may have been closed while we waited. Then begin again: a member of it
            # would never hear of a change.
            if self._subscriptions.get(name) is subscription:
                break
        # Nothing below awaits, so no change can slip between the snapshot and the membership.
        if not connection.closed and name not in connection.streams:
            subscription.stream.add(connection, have, action)
        self._close_later_if_idle(subscription)

    def leave(self, connection: Connection, name: str) -> None:
        """End a connection's membership of a stream, if it is a member."""
        stream = connection.streams.get(name)
        if stream is not None:
            stream.remove(connection)
            if (subscription := self._subscriptions.get(name)) is not None:
                self._close_later_if_idle(subscription)

    def drop(self, connection: Connection) -> None:
        """End all memberships of a connection."""
        for name in tuple(connection.streams):
            self.leave(connection, name)

    def _auto_subscribe(self, connection: Connection, name: str, is_change: bool) -> None:
        stream_type = stream_type_of(name)
        if stream_type is not None and stream_type.is_pushed and name not in connection.streams:
            self._spawn(self._join_with_retries(connection, name, stream_type.found if is_change else None))

    async def _join_with_retries(self, connection: Connection, name: str, action: str | None) -> None:
        """Join a stream that the client did not ask for; again and again while it cannot be read."""
        while not connection.closed:
            try:
                await self.join(connection, name, connection.have.get(name), action)
            except Exception as error:
                logger.warning(
                    "a stream that a client was to be subscribed to could not be opened: %s", type(error).__name__
                )
                await asyncio.sleep(self.timing.compare_every)
            else:
                return

    @property
    def is_certain(self) -> bool:
        """Whether the mirrors were compared with the database lately, and changes are being published."""
        is_compared = self._loop.time() - self._compared_at < self.timing.uncertain_after
        return is_compared and self._outbox_lag < self.timing.max_outbox_lag

    def members(self, name: str) -> int:
        """The number of this process's connections that are members of a stream."""
        subscription = self._subscriptions.get(name)
        return len(subscription.stream.members) if subscription is not None else 0

    # --- streams ----------------------------------------------------------------------------

    async def _ensure_loaded(self, name: str) -> Subscription:
        """The subscription to a stream, made if there is none, once its state has been read."""
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
        """Begin a subscription."""
        # The group comes first. A change that is published during the read then waits in the buffer; in the
        # other order it could fall between the read and the subscription, and nobody would have it.
        await self._subscribe(subscription)
        try:
            state = await self._store.snapshot(subscription.stream.name)
        except BaseException:
            self._subscriptions.pop(subscription.stream.name, None)
            raise
        self._adopt(subscription, state)
        return True

    async def _subscribe(self, subscription: Subscription) -> bool:
        """Join the stream's group.

        Returns:
            Whether that worked. If not, the comparison with the heads brings the changes, and tries again to join.
        """
        try:
            async with asyncio.timeout(self.timing.layer_timeout):
                await self._layer.group_add(subscription.stream.name, self._channel)
            subscription.in_group = True
        except Exception as error:
            logger.warning("the channel layer took no subscription: %s", type(error).__name__)
            metrics.LAYER_FAILURES.labels("subscribe").inc()
        return subscription.in_group

    def _adopt(self, subscription: Subscription, state: Mirror) -> None:
        """Merge a state that was read from the database with the messages that came during the read."""
        stream = subscription.stream
        # From here on messages are applied at once. Nothing below awaits, so none can overtake the buffer.
        subscription.loading = None
        # The mirror has not changed during the read, since all messages went to the buffer. Within one epoch the
        # higher number is the newer state. An epoch comes only from a read, so another epoch is a later one.
        if stream.mirror.epoch != state.epoch or state.seq > stream.mirror.seq:
            stream.mirror = state
        # A buffered message is one of three things. It may be part of the state that was read: STALE. It may follow
        # it: APPLIED. Or the message before it was lost: GAP.
        buffered, subscription.buffer = subscription.buffer, []
        verdicts = [stream.take(message) for message in buffered]
        # What is known goes out now. After a gap one more read follows. It begins later than the message with the
        # gap was published, so it contains that message's change, and this comes to an end.
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
            return  # a connection came back
        del self._subscriptions[name]
        subscription.stream.stop()
        try:
            async with asyncio.timeout(self.timing.layer_timeout):
                await self._layer.group_discard(name, self._channel)
        except Exception as error:
            logger.warning("the channel layer ended no subscription: %s", type(error).__name__)
            metrics.LAYER_FAILURES.labels("unsubscribe").inc()
        if (reopened := self._subscriptions.get(name)) is not None:
            reopened.in_group = False  # we have just left its group; the next comparison joins again

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
        """Read a stream again, since an update was missed. One read serves all who ask while it runs."""
        if subscription.loading is None:
            metrics.REPAIRS.labels(subscription.stream.stream_type.name).inc()
            subscription.loading = self._spawn(self._reload(subscription))
        return subscription.loading

    def _confirm(self, subscription: Subscription) -> "asyncio.Task[bool]":
        """Read a stream again because a client claims to hold a newer state.

        A client can claim anything. However many clients do, the stream is read once in `confirm_every`, and that
        does not count as a repair.

        Returns:
            The task, whose result is whether the stream could be read.
        """
        if subscription.confirming is None:
            subscription.confirming = self._spawn(self._reload_for_claim(subscription))
        return subscription.confirming

    async def _reload_for_claim(self, subscription: Subscription) -> bool:
        await asyncio.sleep(subscription.confirm_started_at + self.timing.confirm_every - self._loop.time())
        # A read that is under way proves nothing: it may have begun before the claimed state was published.
        while subscription.loading is not None and not subscription.loading.done():
            await asyncio.wait((subscription.loading,))
        # The read begins now, so it answers every claim made until now. A later claim may be about a newer state
        # and needs a read of its own.
        subscription.confirming = None
        subscription.confirm_started_at = self._loop.time()
        subscription.loading = self._spawn(self._reload(subscription))
        return await asyncio.shield(subscription.loading)

    async def _reload(self, subscription: Subscription) -> bool:
        """Read a stream's state and adopt it; whether that worked."""
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
            metrics.mirrored(
                (subscription.stream.stream_type.name, len(subscription.stream.members))
                for subscription in self._subscriptions.values()
            )
            try:
                suspects = await self._compare(suspects)
            except Exception:
                logger.exception("could not compare with the stored heads")

    async def _compare(self, suspects: dict[str, int]) -> dict[str, int]:
        """Find the changes that were published and never came.

        Args:
            suspects: the streams that lagged in the comparison before, with the seq of their mirrors then.

        Returns:
            The streams that lag now, for the next comparison.
        """
        for subscription in tuple(self._subscriptions.values()):
            if not subscription.in_group and subscription.loading is None and not await self._subscribe(subscription):
                break  # the layer is away; not to wait a timeout for each of thousands, the next comparison tries again
        # The heads that are read are newer than `began`, so the next comparison may start from there.
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
            # The mirror lags. The message may still be on its way, so a stream is repaired when it lags in two
            # comparisons and has not moved between them. After a time without comparisons it is repaired at once.
            if suspects.get(name) == mirror.seq or not was_certain:
                repairs.append(self._repair(known))
            else:
                lagging[name] = mirror.seq
        # Clients have polled meanwhile and may hold a newer state than the mirrors. They are told "certain" again
        # only when these mirrors have caught up, or an older state would replace theirs.
        if not was_certain:
            await asyncio.gather(*map(asyncio.shield, repairs))
        self._compared_at, self._outbox_lag = began, recent.outbox_lag
        return lagging

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self._loop.create_task(coroutine)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        return task
