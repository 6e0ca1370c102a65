"""The identity of a client. An application registers the function that verifies tokens."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from realtime.protocol import close_codes


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller.

    Attributes:
        owner: the public id that is the key of the caller's own streams.
        expires_at: when the token expires, in Unix seconds.
        is_staff: whether the caller is staff. Stream types decide what that opens.
    """

    owner: str
    expires_at: float
    is_staff: bool = False


class Rejected(Exception):
    """The token is missing, invalid or expired, or its owner is banned.

    Args:
        code: a close code of `realtime.protocol.close_codes`.
        detail: the reason that the client is given, without personal data.
    """

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


UNAVAILABLE = Rejected(close_codes.RESTARTING.code, "sign-in cannot be checked at the moment")
"""The answer to a token that cannot be verified at the moment. The client comes back."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """The token cannot be verified yet.

    Attributes:
        ready: done when the token should be verified again. Other tokens must not wait for it.
    """

    ready: "Future[None]"


Answers = Sequence[Identity | Rejected | Deferred]
Authenticator = Callable[[Sequence[str]], Answers]

_authenticator: Authenticator | None = None


def authenticate_with(function: Authenticator) -> Authenticator:
    """Decorator: `function(tokens)` returns an answer for each token, in order. It is called in a thread."""
    global _authenticator
    _authenticator = function
    return function


def authenticate(tokens: Sequence[str]) -> Answers:
    """Verify tokens with the registered authenticator.

    Returns:
        The answers, in the order of the tokens.

    Raises:
        RuntimeError: no application has registered an authenticator.
    """
    if _authenticator is None:
        raise RuntimeError("no authenticator is registered with realtime.identity")
    return _authenticator(tokens)
