"""One verification of bearer tokens, for REST and the socket alike.

Two issuers are known: the OpenID provider (`AUTH0_DOMAIN`, `AUTH0_AUDIENCE`), which signs with RS256
and publishes its keys, and the development login (`UNITEMATE_DEV_LOGIN`), which signs with HS256 and
a key derived from `SECRET_KEY`. The header's `alg` chooses the branch and nothing else: each branch
pins its algorithm and its key, and the header's `jku`, `x5u` and `jwk` are never followed.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings

from realtime.database import clock
from users import jwks
from users.models import STAFF_PREFIX

LONGEST = 8 * 1024
"""Characters of a token; a longer one is refused unread."""
LEEWAY = 30.0
"""Seconds by which an issuer's clock may be ahead of ours. There is no leeway for `exp`.

Ours is the database's, where the host's differs from it (`realtime.database.clock`).
"""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last time that `datetime` can hold."""
DEV_ISSUER = "unitemate-dev"
DEV_PREFIX = "dev|"
FORMER_PREFIX = "deleted|"
"""Prefix of the subjects that deleted accounts get. No token may have such a subject."""
RESERVED = (FORMER_PREFIX, STAFF_PREFIX)
DEV_LIFETIME = 12 * 3600
"""Seconds for which a development token is valid, unless asked otherwise."""

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class InvalidToken(Exception):
    """The token is not valid. The text says why, and contains nothing of the token."""


class IdentityUnavailable(Exception):
    """The provider's keys are not available, so the token can be neither accepted nor refused."""


class IdentityAwaited(IdentityUnavailable):
    """The provider is being asked for its keys.

    Attributes:
        answered: done when it has answered or failed.
    """

    def __init__(self, answered: "Future[None]") -> None:
        super().__init__()
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token. All but the name are private.

    Attributes:
        subject: the issuer's id of the person (`sub`).
        expires_at: Unix seconds.
        issued_at: Unix seconds; 0 where the token does not say.
        name: what to call the person; may be empty.
        email: may be empty.
        discord_id: digits, or None.
        discord_username: may be empty.
    """

    subject: str
    expires_at: float
    issued_at: float = 0.0
    name: str = ""
    email: str = ""
    discord_id: str | None = None
    discord_username: str = ""


def verify(token: str, *, now: float | None = None, wait: bool = True) -> Claims:
    """Verify a token.

    Args:
        token: as sent, without a scheme before it.
        now: Unix seconds; the present unless given.
        wait: whether to wait for the provider's keys, if they must be fetched.

    Raises:
        InvalidToken: the token is not valid, or no longer.
        IdentityUnavailable: the provider's keys are not available.
        IdentityAwaited: the provider is being asked, and `wait` is false.
    """
    now = clock.time() if now is None else now
    if not isinstance(token, str) or not token or len(token) > LONGEST or not token.isascii():
        raise InvalidToken("not a token")
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm == "RS256":
            payload = _provider_payload(token, header, wait)
        elif algorithm == "HS256":
            payload = _dev_payload(token)
        else:
            raise InvalidToken("algorithm not accepted")
    except jwt.PyJWTError as error:
        raise InvalidToken(type(error).__name__) from error
    times = _times(payload, now)
    return _claims(payload, times["exp"], times.get("iat", 0.0))


def issue_dev_token(name: str, *, lifetime: int = DEV_LIFETIME, now: float | None = None) -> tuple[str, int]:
    """Sign a development token for the subject `dev|<name>`.

    Args:
        name: the player's name, cleaned (`users.text.clean`).
        lifetime: seconds.
        now: Unix seconds; the present unless given.

    Returns:
        The token and its lifetime in seconds.

    Raises:
        InvalidToken: the development login is off.
    """
    if not settings.UNITEMATE_DEV_LOGIN:
        raise InvalidToken("the development login is off (UNITEMATE_DEV_LOGIN)")
    issued_at = clock.time() if now is None else now  # with fractions: an account may just have been deleted
    payload = {
        "iss": DEV_ISSUER,
        "sub": DEV_PREFIX + name,
        "name": name,
        "iat": issued_at,
        "exp": int(issued_at) + lifetime,
    }
    return jwt.encode(payload, _dev_key(), algorithm="HS256"), lifetime


def provider_url() -> str | None:
    """The provider's address with a final slash, which is also its `iss`; None if none is configured.

    `AUTH0_DOMAIN` is a host name. It may also be an `https://` address, and for trials an `http://`
    one on this machine.
    """
    domain = settings.AUTH0_DOMAIN.strip().rstrip("/")
    if not domain or not settings.AUTH0_AUDIENCE:
        return None
    parts = urlsplit(domain if "://" in domain else f"https://{domain}")
    on_this_machine = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and on_this_machine)):
        return None
    return f"{parts.scheme}://{parts.netloc}/"


def _provider_payload(token: str, header: Mapping[str, Any], wait: bool) -> dict[str, Any]:
    issuer = provider_url()
    if issuer is None:
        raise InvalidToken("no identity provider is set up")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        raise InvalidToken("no key id")
    try:
        key = jwks.key_set(f"{issuer}.well-known/jwks.json").key(key_id, wait=wait)
    except jwks.UnknownKey as error:
        raise InvalidToken("unknown key") from error
    except jwks.KeysAwaited as error:
        raise IdentityAwaited(error.answered) from error
    except jwks.KeysUnavailable as error:
        raise IdentityUnavailable from error
    payload = _decode(token, key.key, "RS256", issuer, audience=settings.AUTH0_AUDIENCE)
    if payload["sub"].startswith(DEV_PREFIX):
        raise InvalidToken("reserved subject")
    return payload


def _dev_payload(token: str) -> dict[str, Any]:
    if not settings.UNITEMATE_DEV_LOGIN:
        raise InvalidToken("algorithm not accepted")
    payload = _decode(token, _dev_key(), "HS256", DEV_ISSUER)
    if not payload["sub"].startswith(DEV_PREFIX):
        raise InvalidToken("reserved subject")
    return payload


def _decode(token: str, key: Any, algorithm: str, issuer: str, audience: str | None = None) -> dict[str, Any]:
    required = ["exp", "iss", "sub"] + ([] if audience is None else ["aud"])
    # The times are checked by `_times`, against a clock that tests can set.
    options: Any = {
        "require": required,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "enforce_minimum_key_length": True,
    }
    payload = jwt.decode(token, key, algorithms=[algorithm], issuer=issuer, audience=audience, options=options)
    subject = payload["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or _UNSTORABLE.search(subject):
        raise InvalidToken("unusable subject")
    if subject.startswith(RESERVED):
        raise InvalidToken("reserved subject")
    return payload


def _dev_key() -> bytes:
    """A key of its own, so that a development token says nothing about what else the secret signs."""
    return hmac.new(settings.SECRET_KEY.encode(), b"unitemate development tokens", hashlib.sha256).digest()


def _times(payload: Mapping[str, Any], now: float) -> dict[str, float]:
    """The times in the token by claim, Unix seconds; every one is checked."""
    times = {}
    for name in ("exp", "nbf", "iat"):
        value = payload.get(name)
        if value is None and name != "exp":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LAST_SECOND:
            raise InvalidToken(f"unusable {name}")
        times[name] = float(value)
    if times["exp"] <= now:
        raise InvalidToken("expired")
    if max(times.get("nbf", 0.0), times.get("iat", 0.0)) > now + LEEWAY:
        raise InvalidToken("not valid yet")
    return times


def _claims(payload: Mapping[str, Any], expires_at: float, issued_at: float) -> Claims:
    subject = payload["sub"]
    email = _text(payload, "email")
    discord_username = _text(payload, "discord_username")
    _, _, discord_id = subject.partition("|discord|")
    discord_id = discord_id or _text(payload, "discord_id")
    # An identity provider that knows no better calls people by their e-mail address.
    names = [_text(payload, "name"), _text(payload, "nickname"), discord_username]
    private = {email, email.partition("@")[0], subject, discord_id}
    name = next((name for name in names if name and not _EMAIL.search(name) and name not in private), "")
    return Claims(
        subject=subject,
        expires_at=expires_at,
        issued_at=issued_at,
        name=name,
        email=email,
        discord_id=discord_id if discord_id.isdecimal() and len(discord_id) <= 32 else None,
        discord_username=discord_username,
    )


def _text(payload: Mapping[str, Any], claim: str) -> str:
    """A claim under its own name or under a namespace, as the provider writes those it has been taught."""
    for name, value in payload.items():
        if (name == claim or name.endswith(f"/{claim}")) and isinstance(value, str):
            return value
    return ""
