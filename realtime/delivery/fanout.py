"""One stream's state in this process and the connections that hold it: what goes out to whom.

What goes out is the difference between what the connections hold and the newest state, encoded once
for all that hold the same. So bursts merge by themselves, a snapshot needs no database, and a connection
that cannot keep up is remembered only by what it holds. How the members are reached in turn is
`realtime.delivery.broadcast`'s subject. Nothing here awaits.
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
"""Seconds after a stream's frame in which further changes wait, to go as one."""

AutoSubscribe = Callable[[Connection, str, bool], None]
"""Called with a connection, the name of a stream it is entitled to from now on, and whether a change has done that."""


class Stream:
    """A stream as this process knows it.

    Args:
        name: the stream's name.
        kind: its type.
        auto_subscribe: what gives a connection another stream.
        clock: the event loop, or a test's clock.
        merge: seconds after a frame in which further changes wait, to go as one.
        chunk: members that are written to in one turn of the loop.

    Attributes:
        mirror: the newest state heard of.
        sent: what the members hold that are not behind: the mirror as of the last flush.
        members: the connections that hold the stream.
        bytes_per_member: bytes that were sent to each member so far, on average.
        is_silent: whether the members are told nothing, since its type is switched off: what they may see follows
            from it all the same.
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
        self._broadcast: Broadcast | None = None  # for most streams, which are one player's and quiet, none is needed

    def add(self, connection: Connection, have: Position | None, action: str | None) -> None:
        """Make a connection a member: it gets a snapshot, unless it has the newest state, and every change from now.

        Args:
            connection: the new member.
            have: the position that the client says it holds.
            action: what to call the snapshot, if not by the type's name for it.
        """
        self.flush()
        connection.streams[self.name] = self
        connection.own_bytes -= self.bytes_per_member
        self.members.add(connection)
        if not self.check_entitlement(connection):  # it was admitted by what was known of it a moment ago
            return
        if not self.is_silent and (have is None or have != Position(self.sent.epoch, self.sent.seq)):
            self.send_snapshot(connection, action)
        self._close_if_ended((connection,))
        self._refresh_identities((connection,))
        self._auto_subscribe_new((connection,), None)

    def remove(self, connection: Connection) -> None:
        """Take a connection out."""
        if connection.streams.pop(self.name, None) is not None:
            connection.own_bytes += self.bytes_per_member
        connection.behind.pop(self.name, None)
        self.members.discard(connection)

    def take(self, message: dict[str, Any]) -> Verdict:
        """Apply an update from the layer to the mirror; nothing goes out yet."""
        verdict = self.mirror.take_update(message["epoch"], message["prev"], message["seq"], message["changes"])
        if verdict is Verdict.APPLIED:
            self._published_at = self._published_at or message.get("timestamp", 0.0)
        elif verdict is Verdict.GAP:
            metrics.GAPS.labels(self.stream_type.name).inc()
        return verdict

    def is_behind(self, have: Position) -> bool:
        """Whether somebody may hold a newer state than the mirror, as far as the numbers tell."""
        return have.epoch != self.mirror.epoch or have.seq > self.mirror.seq

    def flush_soon(self) -> None:
        """Send at once on a quiet stream; collect while its last frame is young."""
        if self._timer is not None:
            return
        wait = self._flushed_at + self._merge - self._clock.time()
        if wait <= 0:
            self.flush()
        else:
            self._timer = self._clock.call_later(wait, self.flush)

    def flush(self) -> None:
        """Bring the members from what they hold to the mirror; after the numbering has started anew, by a snapshot.

        Those that do not fit into this turn of the event loop are reached in the next ones, first of all
        those that an earlier flush has not reached yet.
        """
        self.stop()
        before, self.sent = self.sent, ClientState(self.mirror.epoch, self.mirror.seq, self.mirror.document)
        if (before.epoch, before.seq) == (self.sent.epoch, self.sent.seq):
            return
        self._flushed_at = self._clock.time()
        published_at, self._published_at = self._published_at, 0.0
        if self.stream_type.stay is not None:  # most types need no look at each member
            for connection in tuple(self.members):
                self.check_entitlement(
                    connection
                )  # who is not entitled to this state any more is let go before it goes out
        if not self.members:
            return
        if not self.is_silent:
            if before.epoch == self.sent.epoch and self.sent.seq - before.seq > 1:
                metrics.MERGED.labels(self.stream_type.name, "burst").inc(self.sent.seq - before.seq - 1)
            self._broadcast = self._broadcast or Broadcast(self, self._clock, self._chunk)
            self._broadcast.enqueue(before, published_at)
        members = tuple(self.members)  # who is closed or let go on the way leaves the set
        self._close_if_ended(members)
        self._refresh_identities(members)
        self._auto_subscribe_new(members, before.document, is_change=True)

    def stop(self) -> None:
        """Forget a flush that is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def send_snapshot(self, connection: Connection, action: str | None = None) -> None:
        """Send the whole state, or remember that it is owed."""
        nothing = ClientState("", 0, None, action)
        if connection.ready:
            connection.behind.pop(self.name, None)
            self._write(connection, *self.frame(nothing))
        else:
            connection.behind[self.name] = nothing

    def catch_up(self, connection: Connection, state: ClientState) -> None:
        """Send what takes a member that can be written to from what it holds to what the others hold."""
        if (state.epoch, state.seq) == (self.sent.epoch, self.sent.seq):
            return
        self._write(connection, *self.frame(state))
        if state.epoch == self.sent.epoch:
            metrics.MERGED.labels(self.stream_type.name, "slow_link").inc(max(0, self.sent.seq - state.seq - 1))

    def _write(self, connection: Connection, action: str, frame: bytes) -> None:
        connection.write(frame)
        metrics.sent(self.stream_type.name, action, len(frame))

    def frame(self, state: ClientState) -> tuple[str, bytes]:
        """What takes a connection from what it holds to the newest state: its action, and the finished frame."""
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
        """Whether a member is entitled to the newest state; one that is not is taken out, and told."""
        may_stay, document = self.stream_type.stay, self.sent.document
        if may_stay is None or document is None or may_stay(connection.identity, document):
            return True
        self.remove(connection)
        self._write(connection, "unsubscribed", frames.encode(unsubscribed(self.stream_type, self.name)))
        return False

    def _refresh_identities(self, connections: Iterable[Connection]) -> None:
        """Know the owners as the newest state has them, and end what they are not entitled to any more."""
        refresh, document = self.stream_type.refresh, self.sent.document
        if refresh is None or document is None:
            return
        for connection in connections:
            connection.identity = refresh(connection.identity, document)
            for stream in tuple(connection.streams.values()):
                stream.check_entitlement(connection)

    def _close_if_ended(self, connections: Iterable[Connection]) -> None:
        """An owner's own stream ends when the owner is shut out or deleted, and the entitlement with it."""
        if self.sent.document is None and self.stream_type.audience is Audience.OWNER:
            for connection in connections:
                connection.close(close_codes.BANNED)

    def _auto_subscribe_new(self, connections: Iterable[Connection], before: Any, *, is_change: bool = False) -> None:
        """Give the holders of this stream what its newest state entitles them to besides."""
        if self.is_silent:
            return  # who polls asks for it
        for name in self.auto_subscribed() - self._auto_subscribed_by(before):
            for connection in connections:
                self._auto_subscribe(connection, name, is_change)

    def auto_subscribed(self) -> set[str]:
        """The streams that its holders are entitled to besides."""
        return self._auto_subscribed_by(self.sent.document)

    def _auto_subscribed_by(self, document: Any) -> set[str]:
        if document is None:
            return set()
        return {name for subscribed in self.stream_type.subscribed for name in subscribed(document)}


def unsubscribed(stream_type: StreamType, name: str) -> frames.Unsubscribed:
    """What a connection is told that holds a stream no longer; of one among several also its key."""
    frame = frames.unsubscribed_from(stream_type.key_field)
    key = {} if stream_type.key_field is None else {stream_type.key_field: stream_type.key_of(name)}
    return frame(name, **key)


def catch_up(connection: Connection) -> None:
    """Bring a connection that can be written to again to the newest state of all its streams."""
    while connection.ready and connection.behind:
        name = next(iter(connection.behind))
        connection.streams[name].catch_up(connection, connection.behind.pop(name))
