"""The consumer of one connection, from the handshake to the close.

`docs/protocol.md` describes frames and close codes. Only `authenticate` and `subscribe…` use the database, and never
on the event loop.
"""

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from structlog.contextvars import bind_contextvars

from realtime import conf, metrics
from realtime.database import clock
from realtime.database.threads import in_thread
from realtime.delivery.connection import Connection, FrameConnection, SendConnection
from realtime.delivery.fanout import catch_up, unsubscribed
from realtime.identity import Rejected
from realtime.protocol import Position, close_codes, frames
from realtime.protocol.close_codes import Close
from realtime.protocol.frames import BadFrame
from realtime.socket.addresses import rate_limit_key
from realtime.socket.admission import POSITIONS_PER_FRAME, WARNINGS, TokenBucket, origin_allowed
from realtime.socket.engine import Engine, engine_for
from realtime.socket.uvicorn_protocol import EXTENSION
from realtime.streams import CLIENT_ACTIONS, STREAM_TYPES, Audience, ClientAction, StreamType, Verb, stream_type_of

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LONGEST_FRAME = 16 * 1024
"""Characters of a client's frame. A token and a full `have` need less."""


class RealtimeConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """Serves one connection.

    It has no channel in the channel layer: the process's hub subscribes for all connections.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.engine: Engine
        self.connection: Connection
        self.address = ""
        self._shaking_hands = False
        self._timer: asyncio.TimerHandle | None = None
        self._bucket = TokenBucket(time.monotonic())
        self._closing: asyncio.Task[None] | None = None
        self._code: int | None = None
        self._is_counted = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve the connection's messages one after another.

        Channels' own method also waits for a channel of the layer, with a task for each message of either.
        """
        self.scope, self.base_send = scope, send
        bind_contextvars(connection_id=secrets.token_hex(6))  # in the log lines of this socket's task
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())
                await asyncio.sleep(0)  # between two frames of one client others have their turn

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the message's handler. Channels' own method also checks all database connections each time."""
        try:
            await getattr(self, message["type"].replace(".", "_"))(message)
        except StopConsumer:
            raise
        except Exception:
            # An exception that leaves this method would end the socket without `disconnect`, and leave the
            # connection in the hub. Most likely the database failed. A client that reconnects misses nothing.
            logger.exception("a frame could not be served")
            self.connection.close(close_codes.restarting())

    async def connect(self) -> None:
        """Accept the handshake, then check it: a browser is not told why a handshake was refused."""
        self.engine = await engine_for(self.scope)
        writer = self.scope.get("extensions", {}).get(EXTENSION)
        if writer is not None:
            self.connection = FrameConnection(catch_up, self._close_soon, writer)
            self._bucket = writer.bucket  # the server takes from it for frames that never come here
        else:
            self.connection = SendConnection(catch_up, self._close_soon, self._send_text)
        self.address = rate_limit_key((self.scope.get("client") or ("",))[0])
        metrics.opened(metrics.header_size(self.scope["headers"]))
        await self.accept()
        if not origin_allowed(self.scope["headers"]):
            self.connection.close(close_codes.FOREIGN_ORIGIN)
        elif not self.engine.limits.is_open:
            self.connection.close(close_codes.restarting())
        elif not self.engine.limits.handshake_began(self.address):
            self.connection.close(close_codes.too_many())
        else:
            self._shaking_hands = True
            self.scope.clear()  # not needed again, and a large share of an idle socket's memory
            self._close_in(self.engine.limits.authenticate_within, close_codes.TIMED_OUT)

    async def disconnect(self, code: int) -> None:
        """Clean up after the socket has ended."""
        metrics.closed(self._code or code)
        self.connection.mark_closed()
        self._let_go()

    def _let_go(self) -> None:
        """Remove the connection from everything that counts it: when its close begins, not only when it has ended."""
        if self._timer is not None:
            self._timer.cancel()
        self._end_handshake()
        self.engine.hub.drop(self.connection)
        if self._is_counted:
            self._is_counted = False
            owner = self.connection.identity.owner
            self.engine.heartbeats.remove(self.connection)
            self.engine.presence.left(owner)
            self.engine.limits.remove(owner, self.connection)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Serve one frame, if it is within the rate."""
        if self.connection.closed:
            return
        if not self._is_within_rate():
            return
        try:
            if text_data is None:
                raise BadFrame("bad_request", "Frames are text.")
            if len(text_data) > LONGEST_FRAME:
                raise BadFrame("too_large", f"A frame has at most {LONGEST_FRAME} characters.")
            action, frame = frames.decode(text_data)
            metrics.received(action, len(text_data))
            await self._serve(action, frame)
        except BadFrame as error:
            if not self.connection.is_authenticated:
                self.connection.close(close_codes.PROTOCOL_ERROR)
            else:
                self._answer_error(error.code, error.detail, error.ref)

    def _is_within_rate(self, weight: float = 1.0, ref: str | None = None) -> bool:
        """Whether a frame of this weight may be served. If not, the client is warned, and closed in the end."""
        if self._bucket.take(time.monotonic(), weight):
            return True
        if self._bucket.refused > WARNINGS:
            self.connection.close(close_codes.RATE_LIMITED)
        else:
            self._answer_error("rate_limited", "Too many frames; slow down.", ref)
        return False

    async def _serve(self, action: str, frame: dict[str, Any]) -> None:
        if action == "authenticate":
            await self._authenticate(frames.read(frame, frames.Authenticate, action))
            return
        if not self.connection.is_authenticated:
            raise BadFrame("bad_request", "The first frame is authenticate.", action)
        if action == "resync":
            self._resend(frames.read(frame, frames.Resync, action).stream, action)
        elif action == "ping":
            frames.read(frame, frames.Ping, action)
            self._tell("pong", frames.encode(frames.Pong()))
        elif (known := CLIENT_ACTIONS.get(action)) is not None:
            await self._serve_stream(known, frame, action)
        else:
            raise BadFrame("unknown_action", "There is no such action.", action)

    async def _serve_stream(self, known: ClientAction, frame: dict[str, Any], action: str) -> None:
        """Serve an action about one stream."""
        stream_type = known.stream_type
        fields = frames.read(frame, known.frame, action)
        key_field = stream_type.key_field
        name = stream_type.stream("" if key_field is None else getattr(fields, key_field))
        match known.verb:
            case Verb.ASK:
                self._resend(name, action)
            case Verb.SUBSCRIBE:
                await self._subscribe(stream_type, name, action)
            case Verb.UNSUBSCRIBE:
                self.engine.hub.leave(self.connection, name)
                self._tell("unsubscribed", frames.encode(unsubscribed(stream_type, name)))

    # --- authenticate -----------------------------------------------------------------------

    async def _authenticate(self, frame: frames.Authenticate) -> None:
        if frame.have and not self._is_within_rate(len(frame.have) / POSITIONS_PER_FRAME, "authenticate"):
            return
        if not self.connection.is_authenticated and self._timer is not None:
            self._timer.cancel()  # the frame came in time; verifying it may take longer
        identity = await self.engine.identify(frame.token)
        if isinstance(identity, Rejected):
            self.connection.close(Close(identity.code, identity.detail, False))
            return
        if self.connection.closed:
            return
        if not self.connection.is_authenticated:
            self._end_handshake()
            one_too_many = self.engine.limits.add(identity.owner, self.connection)
            self.engine.presence.arrived(identity.owner)
            self.engine.heartbeats.add(self.connection)
            self._is_counted = True
            if one_too_many is not None:
                one_too_many.close(close_codes.too_many())
        elif identity.owner != self.connection.identity.owner:
            raise BadFrame("forbidden", "This socket belongs to somebody else.", "authenticate")
        self.connection.identity = identity
        self._close_in(identity.expires_at - clock.time(), close_codes.UNAUTHENTICATED)
        have = {stream: Position(held.epoch, held.seq) for stream, held in frame.have.items()}
        self.connection.have = have
        names = self._own_streams(identity.owner)
        told = {name for name in names if (stream_type := stream_type_of(name)) is not None and stream_type.is_pushed}
        self._tell(
            "welcome",
            frames.encode(
                frames.Welcome(
                    identity.owner,
                    sorted({*told, *self.connection.heads()}),
                    settings.REALTIME_HEARTBEAT,
                    identity.expires_at,
                    clock.time(),
                    conf.version(),
                )
            ),
        )
        for name in names:
            if name not in self.connection.streams:
                await self.engine.hub.join(self.connection, name, have.get(name))
            elif name in have and have[name].seq != self.connection.heads().get(name, have[name].seq):
                self._resend(name, "authenticate")
        await self._take_up(have)

    async def _take_up(self, have: dict[str, Position]) -> None:
        """Resume the subscriptions of an earlier connection, as far as the client still holds their state."""
        held = self.connection.streams
        auto_subscribed = {name for stream in held.values() for name in stream.auto_subscribed()}
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for name in have:
            stream_type = stream_type_of(name)
            if stream_type is not None and stream_type.is_pushed and name not in held and name not in auto_subscribed:
                wanted[stream_type.name].append(name)
        open_to_it = [
            name
            for stream_type, names in wanted.items()
            for name in await self._admitted(STREAM_TYPES[stream_type], names)
        ]
        room = max(0, frames.MAX_STREAMS - len(held))
        joining = (self.engine.hub.join(self.connection, name, have[name]) for name in open_to_it[:room])
        await asyncio.gather(*joining)

    async def _admitted(self, stream_type: StreamType, names: Collection[str]) -> list[str]:
        """The streams of a type that the caller may subscribe to, by one question for all of them."""
        if stream_type.audience is not Audience.ADMITTED or stream_type.admission is None:
            return []
        keys = [stream_type.key_of(name) for name in names]
        admitted = await in_thread(stream_type.admission, self.connection.identity, keys)
        return [name for name in names if stream_type.key_of(name) in admitted]

    def _own_streams(self, owner: str) -> list[str]:
        """The streams that every connection of an owner joins at its start.

        The owner's own stream is joined even if it is not pushed, since it decides what the owner may see.
        """
        everyone = [
            stream_type.stream()
            for stream_type in STREAM_TYPES.values()
            if stream_type.audience is Audience.EVERYONE and stream_type.is_followed
        ]
        own = [
            stream_type.stream(owner)
            for stream_type in STREAM_TYPES.values()
            if stream_type.audience is Audience.OWNER and stream_type.is_followed
        ]
        return everyone + own

    # --- what a client may ask for ----------------------------------------------------------

    def _resend(self, name: str, action: str) -> None:
        stream = self.connection.streams.get(name)
        if stream is None or stream.is_silent:
            raise BadFrame("not_found", "This connection does not hold that stream.", action)
        stream.flush()
        stream.send_snapshot(self.connection)

    async def _subscribe(self, stream_type: StreamType, name: str, action: str) -> None:
        if name in self.connection.streams:
            self._resend(name, action)
            return
        if not stream_type.is_pushed:
            raise BadFrame("not_found", "This stream is switched off; poll it.", action)
        if len(self.connection.streams) >= frames.MAX_STREAMS:
            raise BadFrame("rate_limited", "This connection holds too many streams.", action)
        if not await self._admitted(stream_type, [name]):
            # The same answer whether or not there is such a stream, so that ids cannot be tried out.
            raise BadFrame("forbidden", "This stream is not open to you.", action)
        await self.engine.hub.join(self.connection, name)

    # --- the socket -------------------------------------------------------------------------

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    def _tell(self, action: str, frame: bytes) -> None:
        self.connection.write(frame)
        metrics.sent(metrics.NO_TYPE, action, len(frame))

    def _answer_error(self, code: frames.ErrorCode, detail: str, ref: str | None) -> None:
        self._tell("error", frames.encode(frames.Error(code, detail, ref)))

    def _close_in(self, seconds: float, reason: Close) -> None:
        """Close later. Another call replaces this one."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(max(0.0, seconds), self.connection.close, reason)

    def _close_soon(self, reason: Close) -> None:
        """Begin the close that `Connection.close` asks for."""
        self._let_go()
        self.connection.abort_later()
        self._code = reason.code
        self._closing = asyncio.get_running_loop().create_task(self._send_close(reason))

    async def _send_close(self, reason: Close) -> None:
        try:
            await self.close(code=reason.code, reason=reason.reason[:100])
        except Exception:
            logger.debug("a socket ended before it could be closed")

    def _end_handshake(self) -> None:
        if self._shaking_hands:
            self._shaking_hands = False
            self.engine.limits.handshake_ended(self.address)
