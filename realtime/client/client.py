"""The client's connection: it connects, notices a dead link, reconnects, and polls while there is no socket."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from realtime.client.mirrors import Counters, Frame, Mirrors, about
from realtime.client.types import CONNECT, Poll, Refused, State, Timing, TokenSource, requested_delay
from realtime.client.waiting import Waiters
from realtime.protocol import close_codes

logger = logging.getLogger(__name__)

FINAL = {close.code: close for close in close_codes.ALL if not close.come_back}
MAX_FAILURES = 2
"""Failed attempts in a row after which the client polls."""


class Client:
    """A connection that mirrors streams until it is closed.

    Args:
        url: the socket's URL, `ws://…` or `wss://…`.
        token: returns a token.
        poll: fetches the projections while there is no socket; None to not poll.
        changed: called with a stream's name after its mirror has changed.
        match_found: called once with the stream's name of each open match of the user, also if the match was
            found while there was no socket.
        state_changed: called with each new state.
        timing: the waiting times.
        chance: returns a number in [0, 1), for the delay before a reconnect.

    Attributes:
        mirrors: the mirrors of the streams.
        counters: what the connection has cost so far.
        state: how current the mirrors are.
        refused: why the server has refused this client for good; None if it has not.
        user_id: the user's id, after `welcome`.
        streams: the streams that `welcome` named.
    """

    def __init__(
        self,
        url: str,
        token: TokenSource,
        *,
        poll: Poll | None = None,
        changed: Callable[[str], None] | None = None,
        match_found: Callable[[str], None] | None = None,
        state_changed: Callable[[State], None] | None = None,
        timing: Timing | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.url = url
        self.counters = Counters()
        self.mirrors = Mirrors(self.counters, self._notice)
        self.state = State.OFFLINE
        self.refused: Refused | None = None
        self.user_id: str | None = None
        self.streams: list[str] = []
        self._token, self._poll, self._chance = token, poll, chance
        self._changed, self._match_found, self._state_changed = changed, match_found, state_changed
        self._timing = timing or Timing()
        self._renew = False
        self._task: asyncio.Task[None] | None = None
        self._poller: asyncio.Task[None] | None = None
        self._socket: ClientConnection | None = None
        self._waiters = Waiters()
        self._wanted: dict[str, str | None] = {}  # streams, with the field of the key
        self._announced: set[str] = set()  # matches
        self._unpushed: set[str] = set()  # streams that this server does not push
        self._uncertain = False  # whether the server has said that it may be behind
        self._pongs = 0
        self._heard = 0.0
        self._heartbeat = 0.0
        self._renew_at = float("inf")
        self._doubts: tuple[float, dict[str, int]] = (0.0, {})

    # --- for the user of the class ----------------------------------------------------------------

    def start(self) -> None:
        """Connect, and stay connected. May be called again after `close`; the mirrors are kept."""
        if self._task is None or self._task.done():
            self.refused = None
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Close the socket and stop."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        self._enter(State.OFFLINE)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def document(self, stream: str) -> Any:
        """The newest projection of a stream; None without one."""
        return self.mirrors.document(stream)

    async def wait_for(self, predicate: Callable[[], bool], within: float | None = None) -> None:
        """Wait until `predicate()` is true. It is called after every change of a mirror or of the state.

        Raises:
            TimeoutError: it was not true within that many seconds.
        """
        await self._waiters.wait_for(predicate, within)

    async def subscribe(self, stream: str, key_field: str | None = None) -> None:
        """Subscribe to a stream, now and after each reconnect, until `unsubscribe`.

        Args:
            stream: its name, such as `match_<key>` or `operations`.
            key_field: the field that carries the key; `match_id` for `match_<key>` by default.
        """
        self._wanted[stream] = key_field
        await self._send(about("subscribe", stream, key_field))

    async def unsubscribe(self, stream: str) -> None:
        """End a subscription and drop the mirror."""
        key_field = self._wanted.pop(stream, None)
        self.mirrors.forget(stream)
        await self._send(about("unsubscribe", stream, key_field))

    async def ping(self, within: float | None = None) -> None:
        """Wait until the server has served all frames that this client has sent.

        Raises:
            TimeoutError: it did not answer within that many seconds.
        """
        answered = self._pongs
        await self._send({"action": "ping"})
        await self._waiters.wait_for(lambda: self._pongs > answered, within)

    def drop(self) -> None:
        """Cut the link as a lost network would. For tests and simulations."""
        if self._socket is not None:
            self._socket.transport.abort()

    # --- the connection's life --------------------------------------------------------------------

    async def _run(self) -> None:
        failures = 0
        try:
            self._enter(State.RECONNECTING)
            while True:
                connects = self.counters.connects
                delay = await self._session()
                failures = 0 if self.counters.connects > connects else failures + 1
                if failures < MAX_FAILURES:
                    self._enter(State.RECONNECTING)
                else:
                    self._fall_back()
                await asyncio.sleep(self._timing.pause(failures, self._chance()) if delay is None else delay)
        except Refused as refused:
            self.refused = refused
            self._enter(State.OFFLINE)
        finally:
            self._stop_polling()

    async def _session(self) -> float | None:
        """Open one socket and serve it until it ends.

        Returns:
            Seconds to wait before the next attempt, if the server asked for that.

        Raises:
            Refused: the server refuses this client for good.
        """
        self._heartbeat, self._uncertain = 0.0, False
        self.mirrors.reconnected()
        try:
            token = await self._get_token(self._renew)
            self._renew = False
            async with connect(self.url, open_timeout=self._timing.handshake, **CONNECT) as socket:
                self._socket, self._heard = socket, time.monotonic()
                keeper = asyncio.create_task(self._keep_alive(socket))
                try:
                    await self._send({"action": "authenticate", "token": token, "have": self.mirrors.have()})
                    while True:
                        await self._take(await socket.recv(decode=False))
                finally:
                    self._socket, self._renew_at, self._doubts = None, float("inf"), (0.0, {})
                    keeper.cancel()
        except ConnectionClosed as closed:
            close = closed.rcvd
            if close is not None:
                self._renew = close.code == close_codes.UNAUTHENTICATED.code
                if close.code in FINAL:
                    raise Refused(close.code, close.reason) from closed
                return requested_delay(close.reason)
        except (OSError, TimeoutError, InvalidHandshake) as error:
            logger.debug("no socket: %r", error)
        except InvalidURI as error:
            raise Refused(0, str(error)) from error
        except Exception as error:  # no token, a malformed frame: treated as a lost link
            logger.warning("the connection failed: %r", error)
        return None

    async def _keep_alive(self, socket: ClientConnection) -> None:
        """After each `grace`, check for a dead link, a lost last update and a token that expires soon."""
        while True:
            await asyncio.sleep(self._timing.grace)
            now = time.monotonic()
            if now - self._heard > (self._timing.missed * self._heartbeat or self._timing.handshake):
                socket.transport.abort()
                return
            since, doubts = self._doubts
            if doubts and now - since >= self._timing.grace:
                self._doubts = (0.0, {})
                for frame in self.mirrors.settle(doubts):
                    await self._send(frame)
            if now >= self._renew_at:
                self._renew_at = float("inf")
                try:
                    await self._send({"action": "authenticate", "token": await self._get_token(True)})
                except Exception:  # the server closes the socket at the expiry, and the next one gets a token
                    logger.warning("no fresh token", exc_info=True)

    async def _get_token(self, renew: bool) -> str:
        async with asyncio.timeout(self._timing.handshake):  # a source that hangs has failed
            return await self._token(renew)

    async def _send(self, frame: Frame) -> None:
        """Send a frame if there is a socket. If not, the next `authenticate` has the same effect."""
        if self._socket is None:
            return
        data = msgspec.json.encode(frame)
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(data, text=True)
            self.counters.bytes_out += len(data)
            self.counters.sent[frame["action"]] += 1

    async def _take(self, data: bytes | str) -> None:
        """Act on one frame of the server."""
        self._heard = time.monotonic()
        self.counters.frames_in += 1
        self.counters.bytes_in += len(data)
        frame = msgspec.json.decode(data)
        action = frame["action"]
        if "prev" in frame:
            for answer in self.mirrors.take_update(frame):
                await self._send(answer)
        elif "data" in frame:
            self.mirrors.take_snapshot(frame["stream"], frame["epoch"], frame["seq"], frame["data"])
            if action == "match_found":
                self._announce_match(frame["stream"])
                self._waiters.wake()
        elif action == "heartbeat":
            self._beat(frame)
        elif action == "welcome":
            await self._welcome(frame)
        elif action == "unsubscribed":
            if frame["stream"] in self.mirrors.held:  # not as it was asked for: the entitlement has ended
                self.mirrors.forget(frame["stream"])
                self._notice(frame["stream"])
        elif action == "pong":
            self._pongs += 1
            self._waiters.wake()
        elif action == "error":
            self.mirrors.refused()

    def _beat(self, frame: Frame) -> None:
        self._uncertain = frame.get("uncertain", False)
        if self._uncertain:  # its heads may be older than an answer to a poll
            self._doubts = (0.0, {})
            self._start_polling()
            return
        self._doubts = (self._heard, self.mirrors.doubts(frame["heads"]))
        if not self._unpushed:
            self._stop_polling()

    async def _welcome(self, frame: Frame) -> None:
        self.user_id, self.streams = frame["user_id"], frame["streams"]
        self._heartbeat = frame["heartbeat"]
        # Both times are by the server's clock: this machine's may be wrong by hours.
        lasts = frame["expires_at"] - frame.get("now", time.time())
        if lasts <= 0:  # an older server names no `now`, and this machine's clock is ahead
            lasts = 2 * self._timing.renew_before
        self._renew_at = time.monotonic() + max(lasts - self._timing.renew_before, lasts / 2)
        self._unpushed = {"queue", f"user_{self.user_id}"} - set(self.streams)
        if self.state is not State.LIVE:
            self.counters.connects += 1
            self._stop_polling()
            if self._unpushed:
                self._start_polling()
            for stream, key_field in self._wanted.items():
                if stream not in self.mirrors.held:  # else `have` has named it
                    await self._send(about("subscribe", stream, key_field))
            self._enter(State.LIVE)

    # --- without a socket -------------------------------------------------------------------------

    def _fall_back(self) -> None:
        if self._poll is None:
            self._enter(State.OFFLINE)
        else:
            self._start_polling()

    def _start_polling(self) -> None:
        if self._poll is not None and self._poller is None:
            self._poller = asyncio.create_task(self._poll_on(self._poll))

    def _stop_polling(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            self._poller = None

    async def _poll_on(self, poll: Poll) -> None:
        while True:
            try:
                self.mirrors.begin_poll()
                async with asyncio.timeout(self._timing.handshake):
                    fetched = await poll()
            except Exception as error:  # the exceptions are the REST client's own
                logger.debug("no answer to a poll: %r", error)
                if self.state is not State.LIVE:
                    self._enter(State.OFFLINE)
            else:
                self.counters.polls += 1
                if self.state is State.LIVE and not self._uncertain:  # of what is pushed the socket knows more
                    fetched = {stream: each for stream, each in fetched.items() if stream in self._unpushed}
                self.mirrors.take_polled(fetched)
                if self.state is not State.LIVE:
                    self._enter(State.POLLING)
            await asyncio.sleep(self._timing.poll)

    # --- telling ----------------------------------------------------------------------------------

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            if self._state_changed is not None:
                self._call(self._state_changed, state)
            self._waiters.wake()

    def _notice(self, stream: str) -> None:
        if self._changed is not None:
            self._call(self._changed, stream)
        # A match that was found while there was no socket has no `match_found` frame.
        own = self.mirrors.document(f"user_{self.user_id}") or {}
        match = f"match_{own.get('match_id')}"
        if (self.mirrors.document(match) or {"status": "done"}).get("status") != "done":
            self._announce_match(match)
        self._waiters.wake()

    def _announce_match(self, stream: str) -> None:
        if self._match_found is not None and stream not in self._announced:
            self._announced.add(stream)
            self._call(self._match_found, stream)

    @staticmethod
    def _call(function: Callable[[Any], None], argument: Any) -> None:
        """Call back. An exception there must not end the connection."""
        try:
            function(argument)
        except Exception:
            logger.exception("a callback failed")
