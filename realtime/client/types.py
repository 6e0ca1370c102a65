"""The types with which a client is set up, and in which it reports its state."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TokenSource = Callable[[bool], Awaitable[str]]
"""Returns a token. It is called with True if the last token was refused or expires soon."""

Poll = Callable[[], Awaitable[Mapping[str, tuple[str, int, Any]]]]
"""Fetches projections by REST: {stream: (epoch, seq, document)}."""

CONNECT: dict[str, Any] = {
    "compression": None,  # frames are small
    "ping_interval": None,  # the server's heartbeat tells a dead link
    "max_size": None,  # the server is trusted with its own snapshots
    "close_timeout": 1,
    "user_agent_header": None,
    "proxy": None,
}
"""Options of `websockets.connect`."""


class State(StrEnum):
    """How current the mirrors are."""

    LIVE = "live"  # there is a socket
    RECONNECTING = "reconnecting"  # the socket was lost or is being opened
    POLLING = "polling"  # there is no socket, and REST answers
    OFFLINE = "offline"  # nothing answers, or the client is closed


class Refused(Exception):
    """The server has refused this client for good.

    Attributes:
        code, reason: those of the close.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a client waits, in seconds.

    Attributes:
        retry_low, retry_high: the bounds of the random delay before a reconnect. Its upper end begins at four times
            `retry_low`, and doubles with each failure.
        poll: between two polls.
        missed: a link is dead after so many heartbeat intervals without a frame.
        grace: for an update to arrive after a heartbeat that names its head.
        handshake: to open the socket, and to get a token.
        renew_before: before the token expires, when a new one is sent.
    """

    retry_low: float = 0.5
    retry_high: float = 20.0
    poll: float = 5.0
    missed: float = 2.0
    grace: float = 1.0
    handshake: float = 10.0
    renew_before: float = 60.0

    def pause(self, failures: int, chance: float) -> float:
        """The delay before the next attempt.

        Args:
            failures: the failed attempts in a row.
            chance: a random number in [0, 1).
        """
        high = min(self.retry_high, self.retry_low * 4 * 2.0 ** min(failures, 16))
        return self.retry_low + chance * (high - self.retry_low)


_DELAY = re.compile(r"come back in (\d+(?:\.\d+)?) s")


def requested_delay(reason: str) -> float | None:
    """The delay in seconds that a close reason asks for; None if it asks for none."""
    found = _DELAY.search(reason)
    return float(found[1]) if found else None
