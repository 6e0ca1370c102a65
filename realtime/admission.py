"""Who gets in, and how much of the server one of them may use.

Counts are of this process; a deployment of N processes lets N times as much in, which its
front server may bound further. Nothing is kept about a caller without open connections.
"""

from collections import Counter
from urllib.parse import urlsplit

from django.conf import settings

HANDSHAKES_PER_ADDRESS = 100
"""Sockets of one address that have not authenticated yet."""
CONNECTIONS_PER_OWNER = 10
"""Sockets of one owner: several devices with several tabs each."""
FRAMES_PER_SECOND = 5.0
BURST = 40
"""Frames that a client may send at once, and what it regains a second. The web client sends one."""
WARNINGS = 20
"""Refused frames, answered with `rate_limited`, before the socket is closed."""


class Gate:
    """Counts who is in. `is_open` is false while the process drains."""

    def __init__(self) -> None:
        self.is_open = True
        self._handshakes: Counter[str] = Counter()
        self._owners: Counter[str] = Counter()

    def begin(self, address: str) -> bool:
        """A socket of this address was accepted.

        Returns:
            Whether it may go on to authenticate; call `end` only then.
        """
        if settings.UNITEMATE_LIMITS and self._handshakes[address] >= HANDSHAKES_PER_ADDRESS:
            return False
        self._handshakes[address] += 1
        return True

    def end(self, address: str) -> None:
        """It has authenticated, or gone."""
        _less(self._handshakes, address)

    def enter(self, owner: str) -> bool:
        """An owner has authenticated a socket.

        Returns:
            Whether it may stay; call `leave` only then.
        """
        if settings.UNITEMATE_LIMITS and self._owners[owner] >= CONNECTIONS_PER_OWNER:
            return False
        self._owners[owner] += 1
        return True

    def leave(self, owner: str) -> None:
        """It has gone."""
        _less(self._owners, owner)


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


class Bucket:
    """A token bucket: `FRAMES_PER_SECOND` on the long run, `BURST` at once.

    Args:
        now: seconds of a monotonic clock.
    """

    __slots__ = ("_at", "_tokens", "refused")

    def __init__(self, now: float) -> None:
        self._tokens = float(BURST)
        self._at = now
        self.refused = 0

    def take(self, now: float) -> bool:
        """Whether one more frame is within the rate at this time."""
        self._tokens = min(BURST, self._tokens + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True


def origin_allowed(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a handshake's `Origin` is the request's own host or one of `ALLOWED_ORIGINS`.

    A client that sends none is no browser and brings no other page's cookies or tokens.
    """
    fields = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = fields.get(b"origin")
    if origin is None:
        return True
    return origin in settings.ALLOWED_ORIGINS or urlsplit(origin).netloc == fields.get(b"host")
