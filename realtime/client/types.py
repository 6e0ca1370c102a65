"""The words in which a client is set up and speaks of itself."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TokenSource = Callable[[bool], Awaitable[str]]
"""Returns a token; called with True when the last one was refused or is about to expire."""

Poll = Callable[[], Awaitable[Mapping[str, tuple[str, int, Any]]]]
"""Fetches the projections by REST: {stream: (epoch, seq, document)}."""

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

    LIVE = "live"  # the socket is up
    RECONNECTING = "reconnecting"  # it was lost or is being opened
    POLLING = "polling"  # it cannot be had; REST is asked instead
    OFFLINE = "offline"  # nothing can be had, or the client is closed


class Refused(Exception):
    """The server does not want this client back: `code` is the close code that said so."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a client waits, in seconds.

    Attributes:
        retry_low, retry_high: between these, at random, lies the pause before a reconnect; its upper
            end doubles with each failure, from four times `retry_low`.
        poll: between two polls.
        missed: heartbeats without a frame after which a link counts as dead.
        grace: for an update on its way when a heartbeat names a newer head.
        handshake: for opening the socket and for `welcome`, each.
        renew_before: before the token expires.
    """

    retry_low: float = 0.5
    retry_high: float = 20.0
    poll: float = 5.0
    missed: float = 2.0
    grace: float = 1.0
    handshake: float = 10.0
    renew_before: float = 60.0

    def pause(self, failures: int, chance: float) -> float:
        """The pause before the next attempt, after so many failures in a row; `chance` lies in [0, 1)."""
        high = min(self.retry_high, self.retry_low * 4 * 2.0 ** min(failures, 16))
        return self.retry_low + chance * (high - self.retry_low)


_DELAY = re.compile(r"come back in (\d+(?:\.\d+)?) s")


def requested_delay(reason: str) -> float | None:
    """The seconds that a close reason asks to wait for; None when it names none."""
    found = _DELAY.search(reason)
    return float(found[1]) if found else None
