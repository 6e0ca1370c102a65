"""Who is at the other end of a connection: the one question that `realtime` asks of the application above it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


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
        code: a close code of `realtime.closing`.
        detail: what to tell the client; no personal data.
    """

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


Authenticator = Callable[[Sequence[str]], Sequence[Identity | Rejected]]

_authenticator: Authenticator | None = None


def authenticate_with(function: Authenticator) -> Authenticator:
    """Decorator: `function(tokens)` returns for each an `Identity`, or a `Rejected`; it is called in a thread."""
    global _authenticator
    _authenticator = function
    return function


def authenticate(tokens: Sequence[str]) -> Sequence[Identity | Rejected]:
    """Verify tokens with the registered authenticator.

    Returns:
        Who each belongs to, or why that is not told, in their order.

    Raises:
        RuntimeError: no application has registered an authenticator.
    """
    if _authenticator is None:
        raise RuntimeError("no authenticator is registered with realtime.identity")
    return _authenticator(tokens)
