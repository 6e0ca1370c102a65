"""Who is at the other end of a connection: the one question that `realtime` asks of the application above it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from realtime.protocol import close_codes


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller.

    Attributes:
        owner: the public id that keys the caller's own streams.
        expires_at: Unix seconds at which the entitlement ends.
        is_staff: whether streams of admitted audiences are open to the caller as well.
    """

    owner: str
    expires_at: float
    is_staff: bool = False


class Rejected(Exception):
    """The token is missing, invalid or expired, or its owner is shut out.

    Args:
        code: a close code of `realtime.protocol.close_codes`.
        detail: what to tell the client; no personal data.
    """

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


UNAVAILABLE = Rejected(close_codes.RESTARTING.code, "sign-in cannot be checked at the moment")
"""What a caller is told whose token cannot be judged just now: come back."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Nothing can be said about the token yet.

    Attributes:
        ready: done when it is worth asking again; it must not be waited for while others wait for an answer.
    """

    ready: "Future[None]"


Answers = Sequence[Identity | Rejected | Deferred]
Authenticator = Callable[[Sequence[str]], Answers]

_authenticator: Authenticator | None = None


def authenticate_with(function: Authenticator) -> Authenticator:
    """Decorator: `function(tokens)` returns for each one of `Answers`; it is called in a thread."""
    global _authenticator
    _authenticator = function
    return function


def authenticate(tokens: Sequence[str]) -> Answers:
    """Verify tokens with the registered authenticator.

    Returns:
        Who each belongs to, or why that is not told, in their order.

    Raises:
        RuntimeError: no application has registered an authenticator.
    """
    if _authenticator is None:
        raise RuntimeError("no authenticator is registered with realtime.identity")
    return _authenticator(tokens)
