"""Every code that the server closes a socket with: who gets it, and whether to come back.

The socket is accepted before it is closed, since a browser is told no reason of a refused handshake.
"""

import random
from typing import NamedTuple


class Close(NamedTuple):
    """A reason for closing: the code, a text for the close frame, and whether a client should reconnect."""

    code: int
    reason: str
    come_back: bool


PROTOCOL_ERROR = Close(4400, "the first frame must be authenticate", False)
UNAUTHENTICATED = Close(4401, "token missing, invalid or expired", True)  # with a fresh token
FORBIDDEN = Close(4403, "banned, or this origin is not allowed", False)
BANNED = FORBIDDEN._replace(reason="this account is banned or deleted")
FOREIGN_ORIGIN = FORBIDDEN._replace(reason="the origin of this page is not allowed")
TIMED_OUT = Close(4408, "no authenticate in time", True)
TOO_MANY = Close(4409, "too many connections", True)
RATE_LIMITED = Close(4429, "too many frames", True)
TOO_LARGE = Close(1009, "frame too large", False)  # sent by the WebSocket server itself
RESTARTING = Close(1012, "the server restarts", True)

ALL = (PROTOCOL_ERROR, UNAUTHENTICATED, FORBIDDEN, TIMED_OUT, TOO_MANY, RATE_LIMITED, TOO_LARGE, RESTARTING)

SPREAD = 8.0
"""Seconds over which the clients of a restarting server come back."""


def restarting() -> Close:
    """`RESTARTING` with a delay of its own for each client, so that they do not all return at once."""
    delay = random.uniform(0.5, SPREAD)
    return RESTARTING._replace(reason=f"the server restarts; come back in {delay:.1f} s")


ROOM_AFTER = 30.0
"""Seconds after which a socket that was one too many finds room if the others were dead: they are noticed by then."""


def too_many() -> Close:
    """`TOO_MANY` with a delay, so that a client with too many live ones does not have them take turns quickly."""
    return TOO_MANY._replace(reason=f"too many connections; come back in {random.uniform(1.0, 2.0) * ROOM_AFTER:.1f} s")
