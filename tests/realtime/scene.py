"""A quiet stream with members, on a clock that is moved by hand."""

import asyncio

from realtime.delivery.fanout import Stream
from realtime.identity import Identity
from realtime.protocol import Mirror, apply
from realtime.streams import Audience, StreamType
from tests.realtime import links


class Client:
    """A client at the end of a link; `kind` says of which.

    Attributes:
        frames: what has arrived.
        closed: the codes with which the socket was closed.
        documents: what it holds, by stream.
    """

    kind: type = links.FrameLink

    def __init__(self) -> None:
        self.frames: list[dict] = []
        self.closed: list[int] = []
        self.documents: dict = {}
        self.link: links.Link = self.kind(self._take, lambda reason: self.closed.append(reason.code))
        self.connection = self.link.connection

    def _take(self, frame: dict) -> None:
        self.frames.append(frame)
        if "data" in frame:
            self.documents[frame["stream"]] = frame["data"]
        elif "changes" in frame:
            self.documents[frame["stream"]] = apply(self.documents.get(frame["stream"]), frame["changes"])


class Clock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay, callback):
        self.timers.append(Timer(self.now + delay, callback))
        return self.timers[-1]

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for timer in [timer for timer in self.timers if timer.at <= self.now]:
            self.timers.remove(timer)
            if not timer.cancelled:
                timer.callback()


class Timer:
    def __init__(self, at, callback) -> None:
        self.at, self.callback, self.cancelled = at, callback, False

    def cancel(self) -> None:
        self.cancelled = True


class Scene:
    """A quiet stream with members, a clock, and a record of what was granted."""

    def __init__(self, document=None, audience=Audience.EVERYONE, name="s", **options) -> None:
        self.clock = Clock()
        self.auto_subscribed: list[tuple] = []
        self.stream_type = StreamType("s", None, audience, "sInfo", "sUpdate", "sInfo")
        self.stream = Stream(
            name, self.stream_type, lambda *args: self.auto_subscribed.append(args), self.clock, **options
        )
        self.stream.mirror = Mirror("e", 1, {"n": 0} if document is None else document)
        self.stream.flush()
        self.clock.advance(1)

    def join(self, have=None, action=None, owner="") -> Client:
        link = Client()
        link.connection.identity = Identity(owner, 0.0)
        self.stream.add(link.connection, have, action)
        return link

    def publish(self, changes) -> None:
        seq = self.stream.mirror.seq
        self.stream.take({"epoch": "e", "prev": seq, "seq": seq + 1, "changes": changes})
        self.stream.flush_soon()


async def settle() -> None:
    """Let the links' tasks run; they wait for nothing but each other."""
    for _ in range(10):
        await asyncio.sleep(0)
