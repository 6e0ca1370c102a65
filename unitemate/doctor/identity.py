"""The hops of signing in: the identity provider's keys, and the token."""

import base64
import json
import re
import time
from typing import Any

import httpx

from unitemate.doctor.cases import Case, Fault, Skip
from unitemate.doctor.fetching import NotPublic, public_json
from unitemate.doctor.service import JOURNAL

KEYS = "/.well-known/jwks.json"

_DOMAIN = re.compile(r"(?P<scheme>https?://)?(?P<host>[A-Za-z0-9.-]{1,253})(?P<port>:[0-9]{1,5})?/?")


async def keys(case: Case) -> str:
    """The provider publishes its keys, and the server can fetch them.

    The test is a token with an unknown key. A server that has the keys refuses it with 401; one that cannot fetch them
    answers 503.

    Raises:
        Fault: the server cannot fetch them.
        Skip: there is no identity provider.
    """
    provider = case.told["auth0"]
    if provider is None:
        raise Skip("no identity provider is set up")
    given = _DOMAIN.fullmatch(provider["domain"])
    if given is None:
        # Not shown: the remedies below are there to be copied into a shell.
        raise Fault("the site names a provider that is no host name", "AUTH0_DOMAIN is misspelt.", "Correct it.")
    address = f"{given['scheme'] or 'https://'}{given['host']}{given['port'] or ''}{KEYS}"
    unknown = f"{_part({'alg': 'RS256', 'kid': 'realtime-doctor'})}.{_part({'sub': 'nobody'})}.{_part('unsigned')}"
    answer = await case.http.get("/api/users/me", headers={"Authorization": f"Bearer {unknown}"})
    if answer.status_code == 503:
        raise Fault(
            f"the server cannot fetch {address}",
            "Its way out is closed, its resolver does not answer, or AUTH0_DOMAIN names no provider.",
            f"On the server: curl -sS {address}. Open TCP port 443 outwards, or correct AUTH0_DOMAIN.",
        )
    if answer.status_code != 401:
        raise Fault(f"a token signed by nobody: {answer.status_code}, expected 401", "The server fails.", f"{JOURNAL}.")
    # What the site says of its provider is the site's word alone: it must not lead into the network of who asks.
    if given["scheme"] == "http://" or given["port"] not in (None, ":443"):
        return f"the server has them; {address} is not asked from here: only HTTPS at its usual port is"
    try:
        published = (await public_json(given["host"], KEYS))["keys"]
    except NotPublic:
        return f"the server has them; {given['host']} is not asked from here: it is no public name"
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        return f"the server has them; from here they cannot be had ({type(error).__name__})"
    return f"the server has them; {len(published)} are published at {address}"


async def token(case: Case) -> str:
    """REST accepts the token. With a name and no token, the development login issues one.

    Raises:
        Fault: the token is refused or cannot be checked.
        Skip: there is no token.
    """
    if case.token is None and case.name is not None:
        case.token = await _sign_in(case, case.name)
    if case.token is None:
        raise Skip("no token: give --token, or --name where the development login is on")
    answer = await case.http.get("/api/users/me", headers=bearer(case))
    if answer.status_code == 200:
        return f"of {answer.json()['user_id']}"
    if answer.status_code == 503:
        raise Fault(
            "503: it cannot be checked", "The server cannot reach the identity provider.", "See the keys above."
        )
    if answer.status_code == 401:
        raise Fault("401: refused", *_why_refused(case, case.token))
    raise Fault(f"/api/users/me: {answer.status_code}", "The server fails at this account.", f"{JOURNAL}.")


def bearer(case: Case) -> dict[str, str]:
    """The header that carries the token."""
    return {"Authorization": f"Bearer {case.token}"}


async def _sign_in(case: Case, name: str) -> str:
    answer = await case.http.post("/api/auth/dev/login", json={"name": name})
    if answer.status_code == 404:
        raise Fault(
            "the development login is off",
            "That is as it should be in production.",
            "Give a token of the identity provider: --token (a browser's developer tools show one).",
        )
    if answer.status_code != 200:
        raise Fault(f"the development login answers {answer.status_code}", "The server fails.", f"{JOURNAL}.")
    return str(answer.json()["token"])


def _why_refused(case: Case, token: str) -> tuple[str, str]:
    """The likely cause and the remedy, from the token's own claims. Its signature is not checked."""
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        expiry = float(claims["exp"])
    except (ValueError, KeyError, TypeError):
        return "This is no token, or only a part of one.", "Copy the whole access token, three parts with dots between."
    if expiry <= time.time():
        ended = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(expiry))
        return f"It expired at {ended} UTC, by this machine's clock.", "Sign in again and take the new one."
    if header.get("alg") == "HS256":
        return (
            "It is one of the development login, which is off here, or was signed with another SECRET_KEY.",
            "Take a token of the identity provider; or sign in again.",
        )
    provider = case.told["auth0"]
    if provider is None:
        return "The server has no identity provider.", "Set AUTH0_DOMAIN and AUTH0_AUDIENCE."
    if provider["audience"] not in _listed(claims.get("aud")):
        return (
            f"It is meant for {claims.get('aud')!r}, and the server wants {provider['audience']!r}.",
            "Ask for that audience when signing in, or correct AUTH0_AUDIENCE.",
        )
    return (
        f"It comes from {claims.get('iss')!r}, and the server trusts {provider['domain']!r}; or its key is withdrawn.",
        "Correct AUTH0_DOMAIN, or sign in again.",
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _part(value: Any) -> str:
    """One part of a token: JSON as unpadded base64url."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
