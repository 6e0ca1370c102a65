"""The load client: watchers on one core that count what they get, as cheaply as Python can.

Every server in the comparison pushes the same JSON, whose `total_waiting` rises by one with each
change: it tells a watcher what it holds, whatever the protocol around it is.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from enum import Enum

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

TOGETHER = 50
"""Sockets opened at the same time."""
EVERY = 7
"""One latency in so many deliveries is kept."""
NUMBER = b'"total_waiting":'
SENT_AT = b'"ts":'


class Speech(Enum):
    """What a server expects of a client."""

    PLAIN = "nothing: it pushes"
    SOCKETIO = "Engine.IO framing"
    UNITEMATE = "authenticate first"


class Group:
    """Watchers of one server, and what they have seen.

    Args:
        url: of the socket.
        speech: how to talk to the server.

    Attributes:
        frames, bytes: text frames with a change of the queue that all watchers got, and their payload.
        latencies: seconds between the time in a frame and its arrival, of a sample.
        arrivals: when the first and the last watcher came to hold each number, where `timed` is set.
    """

    def __init__(self, url: str, speech: Speech) -> None:
        self.url = url + ("socket.io/?EIO=4&transport=websocket" if speech is Speech.SOCKETIO else "")
        self.speech = speech
        self.watchers: list[Watcher] = []
        self.timed = False
        self._reached = asyncio.Event()
        self.forget()

    def forget(self) -> None:
        """Count from nothing again; what the watchers hold stays."""
        self.frames = self.bytes = 0
        self.latencies: list[float] = []
        self.arrivals: dict[int, list[float]] = {}
        self.target: int | None = None
        self.missing = 0
        self.last_at = 0.0

    async def open(self, number: int, tokens: Sequence[str] = (), have: Sequence[dict] = ()) -> None:
        """Open so many sockets more and wait until each is served."""
        for start in range(0, number, TOGETHER):
            indices = range(start, min(number, start + TOGETHER))
            await asyncio.gather(*(self.join(tokens[i] if tokens else "", have[i] if have else None) for i in indices))

    async def join(self, token: str, have: dict | None) -> None:
        """Open one socket and wait until it is served.

        Raises:
            OSError, TimeoutError: it cannot be had.
        """
        _, watcher = await ws_connect(lambda: Watcher(self, token, have), self.url, websocket_handshake_timeout=30)
        self.watchers.append(watcher)
        await watcher.served

    def close(self) -> None:
        """Close all sockets."""
        for watcher in self.watchers:
            watcher.transport.disconnect()
        self.watchers.clear()

    def aim(self, target: int) -> None:
        """Begin to wait for all watchers to hold this number."""
        self.target = target
        self.missing = sum(watcher.number != target for watcher in self.watchers)
        self._reached.clear()
        if not self.missing:
            self._reached.set()

    async def all_hold(self, within: float = 120.0) -> float:
        """Wait until all hold what `aim` named.

        Returns:
            When the last one came to hold it (Unix seconds).
        """
        async with asyncio.timeout(within):
            await self._reached.wait()
        return self.last_at

    def hit(self) -> None:
        """One watcher more holds the target."""
        self.missing -= 1
        if not self.missing:
            self.last_at = time.time()
            self._reached.set()

    def latency(self, quantile: float) -> float:
        """A quantile of the sampled latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(quantile * len(ordered)))] if ordered else float("nan")


class Watcher(WSListener):
    """One socket.

    Attributes:
        number: the `total_waiting` it holds.
        served: done once the server has taken it in.
        positions: {stream: {epoch, seq}} as `have` carries them.
    """

    def __init__(self, group: Group, token: str, have: dict | None) -> None:
        self.group = group
        self.token = token
        self.have = have
        self.number = -1
        self.closed: int | None = None
        self.positions: dict[str, dict] = {}
        self.served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        if self.group.speech is Speech.UNITEMATE:
            frame = {"action": "authenticate", "token": self.token} | ({"have": self.have} if self.have else {})
            transport.send(WSMsgType.TEXT, json.dumps(frame).encode())
            transport.send(WSMsgType.TEXT, b'{"action":"ping"}')  # answered when all of the above has been served
        elif self.group.speech is Speech.SOCKETIO:
            transport.send(WSMsgType.TEXT, b"40")
        else:
            self.served.set_result(None)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.served.done():
            self.served.set_exception(ConnectionError(f"the server closed the socket: {self.closed}"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                self.closed = frame.get_close_code()
            return
        payload = frame.get_payload_as_bytes()
        if payload.find(b"updateQueue", 0, 24) >= 0:
            self._change(payload)
        elif self.group.speech is Speech.UNITEMATE:
            self._other(payload)
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"40"):
            self.served.set_result(None)

    def _change(self, payload: bytes) -> None:
        group = self.group
        group.frames += 1
        group.bytes += len(payload)
        at = payload.find(NUMBER)
        if at >= 0:
            at += len(NUMBER)
            end = payload.find(b",", at)
            number = int(payload[at : end if end >= 0 else len(payload)].rstrip(b"}"))
            self.number = number
            if group.timed:
                now = time.time()
                group.arrivals.setdefault(number, [now, now])[1] = now
            if number == group.target:
                group.hit()
        if group.frames % EVERY == 0 and (at := payload.find(SENT_AT)) >= 0:
            at += len(SENT_AT)
            text = payload[at : at + 20].partition(b",")[0].partition(b"}")[0]
            group.latencies.append(time.time() - float(text))

    def _other(self, payload: bytes) -> None:
        frame = msgspec.json.decode(payload)
        if "data" in frame:
            self.positions[frame["stream"]] = {"epoch": frame["epoch"], "seq": frame["seq"]}
            if frame["stream"] == "queue":
                self.number = frame["data"]["total_waiting"]
                if self.number == self.group.target:
                    self.group.hit()
        elif frame["action"] == "pong" and not self.served.done():
            self.served.set_result(None)
        elif frame["action"] == "error":
            raise RuntimeError(frame["detail"])
