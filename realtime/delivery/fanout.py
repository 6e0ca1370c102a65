"""One stream in this process: its newest state, its members, and what is sent to each of them.

A member is sent the difference between the state that it holds and the newest one. The frame is encoded once for
all members that hold the same state. Three things follow. Changes in quick succession merge by themselves. A
snapshot needs no database. A slow connection costs one remembered state, and no queue.

`realtime.delivery.broadcast` has the order in which members are written to. Nothing here awaits.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import asdict

from realtime import metrics
from realtime.database import clock
from realtime.delivery.broadcast import CHUNK, Broadcast, Clock
from realtime.delivery.connection import ClientState, Connection
from realtime.protocol import Mirror, Position, Verdict, close_codes, diff, frames
from realtime.streams import Audience, StreamType

MERGE_WINDOW = 0.05
"""Seconds after a frame of a stream in which further changes are collected, to be sent as one."""

AutoSubscribe = Callable[[Connection, str, bool], None]
"""Called with a connection, the name of a stream that it is to join, and whether a change is the reason."""


class Stream:
    """One stream and its members.

    Args:
        name: the stream's name.
        stream_type: its type.
        auto_subscribe: makes a connection join another stream.
        clock: the event loop, or a test's clock.
        merge: seconds after a frame in which further changes are collected, to be sent as one.
        chunk: members that are written to in one turn of the loop.

    Attributes:
        mirror: the newest state that this process knows.
        sent: the mirror at the time of the last flush. Members that are not behind hold it.
        members: the connections that have joined the stream.
        bytes_per_member: the bytes sent to each member so far, on average.
        is_silent: whether nothing is sent, because pushing of this type is switched off. The stream still decides
            what its members are entitled to.
    """

    def __init__(
        self,
        name: str,
        stream_type: StreamType,
        auto_subscribe: AutoSubscribe,
        clock: Clock,
        *,
        merge: float = MERGE_WINDOW,
        chunk: int = CHUNK,
    ) -> None:
        self.name = name
        self.stream_type = stream_type
        self.mirror = Mirror("", 0, None)
        self.sent = ClientState("", 0, None)
        self.members: set[Connection] = set()
        self.bytes_per_member = 0.0
        self.is_silent = not stream_type.is_pushed
        self._auto_subscribe = auto_subscribe
        self._clock = clock
        self._merge = merge
        self._chunk = chunk
        self._flushed_at = 0.0
        self._published_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._broadcast: Broadcast | None = None  # made when needed: most streams have one member and few changes

    def add(self, connection: Connection, have: Position | None, action: str | None) -> None:
        """Make a connection a member. It gets a snapshot, unless it holds the newest state, and all later changes.

        Args:
            connection: the new member.
            have: the position that the client says it holds.
            action: the snapshot's action, if not the stream type's own.
        """
        self.flush()
        connection.streams[self.name] = self
        connection.own_bytes -= self.bytes_per_member
        self.members.add(connection)
        if not self.check_entitlement(connection):  # it was admitted by an older state
            return
        if not self.is_silent and (have is None or have != Position(self.sent.epoch, self.sent.seq)):
            self.send_snapshot(connection, action)
        self._close_if_ended((connection,))
        self._refresh_identities((connection,))
        self._auto_subscribe_new((connection,), None)

    def remove(self, connection: Connection) -> None:
        """End a connection's membership."""
        if connection.streams.pop(self.name, None) is not None:
            connection.own_bytes += self.bytes_per_member
        connection.behind.pop(self.name, None)
        self.members.discard(connection)

    def take(self, message: dict[str, Any]) -> Verdict:
        """Apply an update from the channel layer to the mirror. Nothing is sent yet."""
        verdict = self.mirror.take_update(message["epoch"], message["prev"], message["seq"], message["changes"])
        if verdict is Verdict.APPLIED:
            self._published_at = self._published_at or message.get("timestamp", 0.0)
        elif verdict is Verdict.GAP:
            metrics.GAPS.labels(self.stream_type.name).inc()
        return verdict

    def is_behind(self, have: Position) -> bool:
        """Whether a client at this position may hold a newer state than the mirror."""
        return have.epoch != self.mirror.epoch or have.seq > self.mirror.seq

    def flush_soon(self) -> None:
        """Send at once, or `MERGE_WINDOW` after the stream's last frame, whichever is later."""
        if self._timer is not None:
            return
        wait = self._flushed_at + self._merge - self._clock.time()
        if wait <= 0:
            self.flush()
        else:
            self._timer = self._clock.call_later(wait, self.flush)

    def flush(self) -> None:
        """Send the mirror's state to the members: as an update, or as a snapshot if the epoch is new.

        The members beyond the first chunk are written to at later turns of the event loop.
        """
        self.stop()
        before, self.sent = self.sent, ClientState(self.mirror.epoch, self.mirror.seq, self.mirror.document)
        if (before.epoch, before.seq) == (self.sent.epoch, self.sent.seq):
            return
        self._flushed_at = self._clock.time()
        published_at, self._published_at = self._published_at, 0.0
        # A member that is not entitled to the new state leaves before it is sent.
        if self.stream_type.stay is not None:
            for connection in tuple(self.members):
                self.check_entitlement(connection)
        if not self.members:
            return
        if not self.is_silent:
            if before.epoch == self.sent.epoch and self.sent.seq - before.seq > 1:
                metrics.MERGED.labels(self.stream_type.name, "burst").inc(self.sent.seq - before.seq - 1)
            self._broadcast = self._broadcast or Broadcast(self, self._clock, self._chunk)
            self._broadcast.enqueue(before, published_at)
        members = tuple(self.members)  # a copy: closing a connection takes it out of the set
        self._close_if_ended(members)
        self._refresh_identities(members)
        self._auto_subscribe_new(members, before.document, is_change=True)

    def stop(self) -> None:
        """Cancel a flush that is scheduled."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def send_snapshot(self, connection: Connection, action: str | None = None) -> None:
        """Send the whole state now, or when the link has drained."""
        nothing = ClientState("", 0, None, action)
        if connection.ready:
            connection.behind.pop(self.name, None)
            self._write(connection, *self.frame(nothing))
        else:
            connection.behind[self.name] = nothing

    def catch_up(self, connection: Connection, state: ClientState) -> None:
        """Bring one member from the state that it holds to the one that the others hold."""
        if (state.epoch, state.seq) == (self.sent.epoch, self.sent.seq):
            return
        self._write(connection, *self.frame(state))
        if state.epoch == self.sent.epoch:
            metrics.MERGED.labels(self.stream_type.name, "slow_link").inc(max(0, self.sent.seq - state.seq - 1))

    def _write(self, connection: Connection, action: str, frame: bytes) -> None:
        connection.write(frame)
        metrics.sent(self.stream_type.name, action, len(frame))

    def frame(self, state: ClientState) -> tuple[str, bytes]:
        """The frame that takes a client from a state to the newest one: its action, and the finished frame.

        It is an update within one epoch, else a snapshot.
        """
        sent, stream_type = self.sent, self.stream_type
        if state.epoch != sent.epoch:
            action = state.action or stream_type.snapshot
            return action, frames.encode(frames.Snapshot(action, self.name, sent.epoch, sent.seq, sent.document))
        changes, extras = None, {}
        if sent.document is not None:
            changes = diff(state.document, sent.document)
            if stream_type.extras is not None:
                extras = asdict(stream_type.extras(changes, sent.document))
        update = stream_type.update_frame(
            stream_type.update, self.name, sent.epoch, sent.seq, state.seq, changes, clock.time(), **extras
        )
        return stream_type.update, frames.encode(update)

    def check_entitlement(self, connection: Connection) -> bool:
        """End the membership of a connection that is not entitled to the newest state, and tell the client.

        Returns:
            Whether it is entitled.
        """
        may_stay, document = self.stream_type.stay, self.sent.document
        if may_stay is None or document is None or may_stay(connection.identity, document):
            return True
        self.remove(connection)
        self._write(connection, "unsubscribed", frames.encode(unsubscribed(self.stream_type, self.name)))
        return False

    def _refresh_identities(self, connections: Iterable[Connection]) -> None:
        """Refresh the owners' identities from the newest state, and check their entitlement to their other streams."""
        refresh, document = self.stream_type.refresh, self.sent.document
        if refresh is None or document is None:
            return
        for connection in connections:
            connection.identity = refresh(connection.identity, document)
            for stream in tuple(connection.streams.values()):
                stream.check_entitlement(connection)

    def _close_if_ended(self, connections: Iterable[Connection]) -> None:
        """Close the owner's connections when the owner's stream has ended: the account is banned or deleted."""
        if self.sent.document is None and self.stream_type.audience is Audience.OWNER:
            for connection in connections:
                connection.close(close_codes.BANNED)

    def _auto_subscribe_new(self, connections: Iterable[Connection], before: Any, *, is_change: bool = False) -> None:
        """Make connections join the streams that the newest state names and the one before did not."""
        if self.is_silent:
            return  # a client that polls asks for them itself
        for name in self.auto_subscribed() - self._auto_subscribed_by(before):
            for connection in connections:
                self._auto_subscribe(connection, name, is_change)

    def auto_subscribed(self) -> set[str]:
        """The streams that its members are subscribed to without asking."""
        return self._auto_subscribed_by(self.sent.document)

    def _auto_subscribed_by(self, document: Any) -> set[str]:
        if document is None:
            return set()
        return {name for subscribed in self.stream_type.subscribed for name in subscribed(document)}


def unsubscribed(stream_type: StreamType, name: str) -> frames.Unsubscribed:
    """The frame that tells a client that a membership has ended. It has the stream's key if the type has keys."""
    frame = frames.unsubscribed_from(stream_type.key_field)
    key = {} if stream_type.key_field is None else {stream_type.key_field: stream_type.key_of(name)}
    return frame(name, **key)


def catch_up(connection: Connection) -> None:
    """Bring a connection to the newest state of all its streams, as far as its link takes it."""
    while connection.ready and connection.behind:
        name = next(iter(connection.behind))
        connection.streams[name].catch_up(connection, connection.behind.pop(name))
