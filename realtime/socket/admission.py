"""Limits: how many connections a client may have, and how many frames it may send.

Each process counts for itself. A deployment of N processes admits N times as much; its front server may limit it
further. Nothing is kept about a caller that has no connection.
"""

from collections import Counter, defaultdict
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from realtime.protocol.close_codes import Close

HANDSHAKES_PER_ADDRESS = 100
"""Connections of one address that have not authenticated yet."""
CONNECTIONS_PER_OWNER = 10
"""Connections of one owner: enough for several devices with several tabs each. The next one replaces the one that has
been silent for longest."""
AUTHENTICATE_WITHIN = 5.0
"""Seconds that a client has for its first frame."""
FRAMES_PER_SECOND = 5.0
BURST = 40
"""Frames that a client may send at once. It regains `FRAMES_PER_SECOND`. The web client sends one frame."""
POSITIONS_PER_FRAME = 8
"""Positions in a `have` that count as one more frame. To look them up costs about as much."""
WARNINGS = 20
"""Frames that are answered with `rate_limited` before the connection is closed."""


class CountedConnection(Protocol):
    """What `ConnectionLimits` needs of a connection."""

    @property
    def heard_at(self) -> float:
        """When the client last gave a sign of life, in the event loop's seconds."""

    def close(self, reason: Close) -> None:
        """Close the connection."""


class ConnectionLimits:
    """Counts connections by address before they authenticate, and by owner afterwards.

    Args:
        handshakes_per_address: connections of one address that have not authenticated yet.
        connections_per_owner: connections of one owner.
        authenticate_within: seconds in which a client must send its first frame.

    Attributes:
        is_open: whether new connections are accepted; false while the process drains.
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
        """Count a connection that was accepted and has not authenticated.

        Returns:
            Whether it is within the limit. Only then is it counted, and `handshake_ended` must be called.
        """
        if settings.UNITEMATE_LIMITS and self._handshakes[address] >= self.handshakes_per_address:
            return False
        self._handshakes[address] += 1
        return True

    def handshake_ended(self, address: str) -> None:
        """Stop counting a connection that has authenticated or ended."""
        _decrement(self._handshakes, address)

    def add(self, owner: str, connection: CountedConnection) -> CountedConnection | None:
        """Count an authenticated connection. Call `remove` when it ends.

        Over the limit the newest connection stays and an older one goes. Some of an owner's connections are probably
        dead: a client that loses its link again and again leaves one behind each time, until a timeout finds it.

        Returns:
            The connection to close, which has been silent for longest; None while there is room.
        """
        connections = self._owners[owner]
        is_full = settings.UNITEMATE_LIMITS and len(connections) >= self.connections_per_owner
        longest_silent = min(connections, key=lambda each: each.heard_at) if is_full else None
        connections.add(connection)
        return longest_silent

    def remove(self, owner: str, connection: CountedConnection) -> None:
        """Stop counting a connection that has ended."""
        connections = self._owners[owner]
        connections.discard(connection)
        if not connections:
            del self._owners[owner]


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


class TokenBucket:
    """Limits a client to `FRAMES_PER_SECOND` in the long run and `BURST` at once.

    Args:
        now: the time of a monotonic clock, in seconds.

    Attributes:
        refused: how often `take` has refused.
    """

    __slots__ = ("_at", "_tokens", "refused")

    def __init__(self, now: float) -> None:
        self._tokens = float(BURST)
        self._at = now
        self.refused = 0

    def take(self, now: float, weight: float = 1.0) -> bool:
        """Take tokens if there are enough.

        Args:
            now: the time of the same clock.
            weight: the number of tokens.

        Returns:
            Whether the frame is within the rate.
        """
        self._tokens = min(BURST, self._tokens + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._tokens < weight:
            self.refused += 1
            return False
        self._tokens -= weight
        return True


def origin_allowed(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a handshake's `Origin` is the request's own host or one of `ALLOWED_ORIGINS`.

    A handshake without an `Origin` is allowed: every browser sends one, and the check protects browsers' users.
    """
    fields = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = fields.get(b"origin")
    if origin is None:
        return True
    if origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        return urlsplit(origin).netloc == fields.get(b"host")
    except ValueError:  # a malformed origin
        return False
