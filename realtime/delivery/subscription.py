"""What a hub keeps of each stream that it is subscribed to."""

import asyncio
from typing import Any

from realtime.delivery.fanout import Stream


class Subscription:
    """This process's subscription to one stream.

    Attributes:
        stream: the mirror and its members.
        loading: the task that reads the state from the database; None while none does.
        buffer: the messages that came while the state was being read.
        in_group: whether the layer has this process in the stream's group.
        close_timer: closes the subscription when it has been idle for long enough.
        confirming: the task that is about to read the state because a client claims to hold a newer one.
        confirm_started_at: when the last such read began, in the event loop's seconds.
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
