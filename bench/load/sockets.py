"""Sockets that mirror what they are sent, and notice whatever is not as promised."""

import asyncio
import json
import re
import time
from collections import Counter
from itertools import count
from typing import Any, NamedTuple

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from realtime.client.waiting import Waiters
from realtime.protocol import Mirror, Verdict

EVERY = 7
"""Of each probe the arrival at one socket in so many is kept, at others each time."""
ADDRESSES = 40
"""From so many addresses they come, since both nginx and the service bound what one may do."""
_positions = re.compile(rb'"seq":(\d+),"prev":(\d+)')
_probe = re.compile(rb'"probe (\d+)"')


class Change(NamedTuple):
    """A change of the queue, as thousands get it alike.

    Attributes:
        payload: the frame's.
        seq, prev: to which position it leads, and from which; ones that nobody holds where the frame names none.
        probe: the number of the probe in it, if there is one.
    """

    payload: bytes
    seq: int = -1
    prev: int = -2
    probe: int = 0


class Crowd:
    """All sockets of a run.

    Attributes:
        frames: changes of the queue that arrived.
        bytes: their payload, and that of all other frames.
        wrong: what was not as promised, by kind.
        arrivals: {probe: times of arrival (Unix seconds), of a sample}.
        change: the change of the queue that was read last.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.sockets: list[Socket] = []
        self.closing = False
        self.wrong: Counter[str] = Counter()
        self.change = Change(b"")
        self._numbers = count()
        self.forget()

    def forget(self) -> None:
        """Count anew; what is wrong stays."""
        self.frames = self.bytes = 0
        self.arrivals: dict[int, list[float]] = {}

    def read(self, payload: bytes) -> Change:
        """Read a change of the queue, and keep it for the others that get the same."""
        positions, probe = _positions.search(payload), _probe.search(payload)
        seq, prev = (int(positions[1]), int(positions[2])) if positions else (-1, -2)
        self.change = Change(payload, seq, prev, int(probe[1]) if probe else 0)
        return self.change

    async def open(self, token: str) -> "Socket":
        """Open a socket and wait until it holds its streams.

        Raises:
            OSError, TimeoutError: it cannot be had.
        """
        number = next(self._numbers)
        address = f"127.0.0.{10 + number % ADDRESSES}"
        _, socket = await ws_connect(
            lambda: Socket(self, token, number), self.url, websocket_handshake_timeout=30, local_addr=(address, 0)
        )
        self.sockets.append(socket)
        async with asyncio.timeout(30):
            await socket.served
        return socket

    def close(self) -> None:
        """Close all."""
        self.closing = True
        for socket in self.sockets:
            socket.transport.disconnect()


class Socket(WSListener):
    """One socket.

    Attributes:
        mirrors: what it holds, by stream; of the queue, which thousands hold alike, only the position.
        queue_seq: the position that it holds of the queue.
        served: done when it has got what comes after `authenticate`.
        waiters: those who wait for something to be true of the mirrors.
    """

    def __init__(self, crowd: Crowd, token: str, number: int) -> None:
        self.crowd = crowd
        self.mirrors: dict[str, Mirror] = {}
        self.served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport
        self.queue_seq = -1
        self.waiters = Waiters()
        self._token = token
        self._number = number

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        transport.send(WSMsgType.TEXT, json.dumps({"action": "authenticate", "token": self._token}).encode())
        transport.send(WSMsgType.TEXT, b'{"action":"ping"}')  # answered when all of the above has been served

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.crowd.closing:
            self.crowd.wrong["a socket was closed"] += 1
        if not self.served.done():
            self.served.set_exception(ConnectionError("the server closed the socket"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                self.crowd.wrong[f"closed with {frame.get_close_code()}"] += 0 if self.crowd.closing else 1
            return
        payload = frame.get_payload_as_bytes()
        self.crowd.bytes += len(payload)
        if payload.startswith(b'{"action":"updateQueue"'):
            self._queue_changed(payload)
        else:
            self._take(msgspec.json.decode(payload))

    def _queue_changed(self, payload: bytes) -> None:
        crowd = self.crowd
        crowd.frames += 1
        change = crowd.change if payload == crowd.change.payload else crowd.read(payload)
        if change.prev != self.queue_seq:
            crowd.wrong["a gap in the queue"] += 1
        self.queue_seq = change.seq
        if change.probe and (change.probe + self._number) % EVERY == 0:
            crowd.arrivals.setdefault(change.probe, []).append(time.time())

    def _take(self, frame: dict[str, Any]) -> None:
        action, stream = frame["action"], frame.get("stream", "")
        if "data" in frame:
            if stream == "queue":
                self.queue_seq = frame["seq"]
            else:
                self.mirrors[stream] = Mirror(frame["epoch"], frame["seq"], frame["data"])
        elif "changes" in frame:
            verdict = self.mirrors[stream].take_update(frame["epoch"], frame["prev"], frame["seq"], frame["changes"])
            if verdict is not Verdict.APPLIED:
                self.crowd.wrong[f"{verdict.value} in {stream.partition('_')[0]}"] += 1
        elif action == "heartbeat":
            for name, head in frame["heads"].items():
                if head != (self.queue_seq if name == "queue" else self.mirrors[name].seq):
                    self.crowd.wrong["a heartbeat ahead of what was sent"] += 1
        elif action == "unsubscribed":
            self.mirrors.pop(stream, None)
        elif action == "error":
            self.crowd.wrong[f"error {frame['code']}"] += 1
        elif action == "pong" and not self.served.done():
            self.served.set_result(None)
        self.waiters.wake()
