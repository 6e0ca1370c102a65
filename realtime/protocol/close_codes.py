"""The codes with which the server closes a connection.

The server accepts a handshake before it closes the connection: a browser is not told why a handshake was refused.
"""

import random
from typing import NamedTuple


class Close(NamedTuple):
    """A reason for closing.

    Attributes:
        code: the close code.
        reason: the text of the close frame.
        come_back: whether the client should reconnect.
    """

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
"""Seconds over which the clients of a restarting server reconnect."""


def restarting() -> Close:
    """`RESTARTING` with a random delay, so that clients do not all reconnect at once."""
    delay = random.uniform(0.5, SPREAD)
    return RESTARTING._replace(reason=f"the server restarts; come back in {delay:.1f} s")


ROOM_AFTER = 30.0
"""Seconds after which dead connections have been noticed, so that they make room for a new one."""


def too_many() -> Close:
    """`TOO_MANY` with a random delay. Without it, too many live connections of one owner would replace each other
    again and again."""
    return TOO_MANY._replace(reason=f"too many connections; come back in {random.uniform(1.0, 2.0) * ROOM_AFTER:.1f} s")
