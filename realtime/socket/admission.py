"""Who gets in, and how much of the server one of them may use.

Counts are of this process; a deployment of N processes lets N times as much in, which its
front server may bound further. Nothing is kept about a caller without open connections.
"""

from collections import Counter, defaultdict
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from realtime.protocol.close_codes import Close

HANDSHAKES_PER_ADDRESS = 100
"""Sockets of one address that have not authenticated yet."""
CONNECTIONS_PER_OWNER = 10
"""Sockets of one owner: several devices with several tabs each. With one more the one goes that was silent longest."""
AUTHENTICATE_WITHIN = 5.0
"""Seconds that a client has for its first frame."""
FRAMES_PER_SECOND = 5.0
BURST = 40
"""Frames that a client may send at once, and what it regains a second. The web client sends one."""
POSITIONS_PER_FRAME = 8
"""Positions in a `have` that count as one more frame: to look them up costs about as much."""
WARNINGS = 20
"""Refused frames, answered with `rate_limited`, before the socket is closed."""


class CountedConnection(Protocol):
    """A connection, as far as who gets in depends on it."""

    @property
    def heard_at(self) -> float:
        """When the client was last heard, in the event loop's seconds."""

    def close(self, reason: Close) -> None:
        """Close the socket."""


class ConnectionLimits:
    """Counts who is in.

    Args:
        handshakes_per_address: sockets of one address that have not authenticated yet.
        connections_per_owner: sockets of one owner.
        authenticate_within: seconds that a client has for its first frame.

    Attributes:
        is_open: false while the process drains.
    """

    def __init__(
        self,
        handshakes_per_address: int = HANDSHAKES_PER_ADDRESS,
        connections_per_owner: int = CONNECTIONS_PER_OWNER,
        authenticate_within: float = AUTHENTICATE_WITHIN,
    ) -> None:
        self.handshakes_per_address = handshakes_per_address
        self.connections_per_owner = connections_per_owner
        self.authenticate_within = authenticate_within
        self.is_open = True
        self._handshakes: Counter[str] = Counter()
        self._owners: defaultdict[str, set[CountedConnection]] = defaultdict(set)

    def handshake_began(self, address: str) -> bool:
        """A socket of this address was accepted.

        Returns:
            Whether it may go on to authenticate; call `handshake_ended` only then.
        """
        if settings.UNITEMATE_LIMITS and self._handshakes[address] >= self.handshakes_per_address:
            return False
        self._handshakes[address] += 1
        return True

    def handshake_ended(self, address: str) -> None:
        """It has authenticated, or gone."""
        _decrement(self._handshakes, address)

    def add(self, owner: str, connection: CountedConnection) -> CountedConnection | None:
        """An owner has authenticated a socket; call `remove` when it goes.

        Of sockets that are one too many some are likely to be dead: a client that loses its link again and again
        leaves one behind each time, which is noticed later. So the newest comes in.

        Returns:
            The socket to be closed in its place; None while there is room.
        """
        connections = self._owners[owner]
        is_full = settings.UNITEMATE_LIMITS and len(connections) >= self.connections_per_owner
        longest_silent = min(connections, key=lambda one: one.heard_at) if is_full else None
        connections.add(connection)
        return longest_silent

    def remove(self, owner: str, connection: CountedConnection) -> None:
        """It has gone."""
        connections = self._owners[owner]
        connections.discard(connection)
        if not connections:
            del self._owners[owner]


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


class TokenBucket:
    """A token bucket: `FRAMES_PER_SECOND` on the long run, `BURST` at once.

    Args:
        now: seconds of a monotonic clock.
    """

    __slots__ = ("_at", "_tokens", "refused")

    def __init__(self, now: float) -> None:
        self._tokens = float(BURST)
        self._at = now
        self.refused = 0

    def take(self, now: float, weight: float = 1.0) -> bool:
        """Whether one more frame, or one that weighs as much as several, is within the rate at this time."""
        self._tokens = min(BURST, self._tokens + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._tokens < weight:
            self.refused += 1
            return False
        self._tokens -= weight
        return True


def origin_allowed(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a handshake's `Origin` is the request's own host or one of `ALLOWED_ORIGINS`.

    A client that sends none is no browser and brings no other page's cookies or tokens.
    """
    fields = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = fields.get(b"origin")
    if origin is None:
        return True
    if origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        return urlsplit(origin).netloc == fields.get(b"host")
    except ValueError:  # it is no address at all
        return False
