"""Who is calling: bearer tokens over REST, and the same tokens over the socket."""

import logging
from collections.abc import Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from realtime.identity import UNAVAILABLE, Deferred, Identity, Rejected
from realtime.protocol import close_codes
from users import services
from users.errors import SignedOut
from users.models import User
from users.tokens import Claims, IdentityAwaited, IdentityUnavailable, InvalidToken, verify

logger = logging.getLogger(__name__)


class SignedInRequest(Request):
    """A request that has passed `IsAuthenticated`, for type checkers."""

    user: User


class ServiceUnavailable(APIException):
    """503: the identity provider's keys cannot be had, so that the token cannot be judged."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "identity_unavailable"
    default_detail = "Sign-in cannot be checked at the moment. Try again in a few seconds."
    wait = 10
    """Seconds, for `Retry-After`."""


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. Sets `request.user` to the account and `request.auth` to the claims.

    A banned account is let in, to read; `users.permissions.NotBanned` keeps it from writing.
    """

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """The caller; None where no token was sent.

        Raises:
            AuthenticationFailed: the header or the token is not valid (401).
            ServiceUnavailable: that cannot be told (503).
        """
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise AuthenticationFailed("The header must be: Authorization: Bearer <token>.")
        try:
            claims = verify(words[1].decode("latin-1"))
        except InvalidToken as error:
            logger.debug("a token was refused: %s", error)
            raise AuthenticationFailed("The token is not valid, or not any more.") from error
        except IdentityUnavailable as error:
            raise ServiceUnavailable from error
        try:
            return services.user_from_claims(claims=claims), claims
        except SignedOut as error:
            raise AuthenticationFailed("The token is of an account that has been deleted.") from error

    def authenticate_header(self, request: Request) -> str:
        """The `WWW-Authenticate` of a 401."""
        return 'Bearer realm="unitemate"'


class BearerScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names the above."""

    target_class = BearerAuthentication
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The security scheme object."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def socket_identities(tokens: Sequence[str]) -> list[Identity | Rejected | Deferred]:
    """Who is at the other end of sockets, or with which code to close them.

    No token waits for the provider here, since all the others would wait with it.
    """
    judged = [_judged(token) for token in tokens]
    accounts = services.users_from_claims(claims=[claims for claims in judged if isinstance(claims, Claims)])
    return [_identity(accounts.get(one.subject), one) if isinstance(one, Claims) else one for one in judged]


def _judged(token: str) -> Claims | Rejected | Deferred:
    try:
        return verify(token, wait=False)
    except InvalidToken as error:
        logger.debug("a token was refused: %s", error)
        return Rejected(close_codes.UNAUTHENTICATED.code, close_codes.UNAUTHENTICATED.reason)
    except IdentityAwaited as error:
        return Deferred(error.answered)
    except IdentityUnavailable:
        return UNAVAILABLE


def _identity(user: User | None, claims: Claims) -> Identity | Rejected:
    if user is None or user.refuses_token_of(claims.issued_at):
        return Rejected(close_codes.UNAUTHENTICATED.code, close_codes.UNAUTHENTICATED.reason)
    if user.is_banned:
        return Rejected(close_codes.BANNED.code, close_codes.BANNED.reason)
    return Identity(owner=user.pk, expires_at=claims.expires_at, is_staff=user.is_staff)
