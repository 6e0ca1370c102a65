"""The types of an examination: the case, its hops, and what is found at each."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection

from unitemate.doctor.fetching import client


class Outcome(StrEnum):
    """The outcome of a hop."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"  # it rests on one that failed, or on something that was not given


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a hop.

    Attributes:
        hop: the hop's name.
        outcome: whether it passed.
        detail: what was seen, or why the hop was skipped.
        cause, remedy: the likely cause of a failure, and what to do about it.
        seconds: how long the hop took.
    """

    hop: str
    outcome: Outcome
    detail: str = ""
    cause: str = ""
    remedy: str = ""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON data."""
        return asdict(self)


class Fault(Exception):
    """A hop fails.

    Args:
        detail: what was seen.
        cause: the likely cause.
        remedy: what to do.
    """

    def __init__(self, detail: str, cause: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail, self.cause, self.remedy = detail, cause, remedy


class Skip(Exception):
    """A hop cannot be examined; the text says why."""


@dataclass(slots=True)
class Case:
    """The site that is examined, and what has been learned about it so far.

    Attributes:
        url: of the site, without a path.
        token: an access token.
        name: the name for the development login, which is used if there is no token.
        origin: of the page whose socket is tried; by default the site's own.
        changes: whether the account's `bio` may be changed for a moment, to see the change come back.
        tls: how the server's certificate is checked.
        http: an HTTP client of the site.
        system: the answer of `/api/system`; empty until it has answered.
        ready: the state of each part, from `/readyz`.
        socket: the authenticated socket, once it is open.
        frames: the frames received over it so far.
    """

    url: str
    token: str | None = None
    name: str | None = None
    origin: str | None = None
    changes: bool = True
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    http: httpx.AsyncClient = field(init=False)
    system: dict[str, Any] = field(default_factory=dict)
    ready: dict[str, str] = field(default_factory=dict)
    socket: ClientConnection | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self.http = client(self.url, self.tls)

    @property
    def host(self) -> str:
        """The site's host name."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The site's port."""
        parts = urlsplit(self.url)
        return parts.port or (443 if self.is_secure else 80)

    @property
    def is_secure(self) -> bool:
        """Whether the site is reached over TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def socket_url(self) -> str:
        """Where its socket is."""
        return f"ws{self.url.removeprefix('http')}/ws/"

    @property
    def told(self) -> dict[str, Any]:
        """The answer of `/api/system`.

        Raises:
            Skip: it has not answered.
        """
        if not self.system:
            raise Skip("/api/system has not answered")
        return self.system

    async def close(self) -> None:
        """Close the connections."""
        if self.socket is not None:
            await self.socket.close()
        await self.http.aclose()


@dataclass(frozen=True, slots=True)
class Hop:
    """One step between a client and a push.

    Attributes:
        name: a short name.
        check: examines the hop; returns what was seen, or raises `Fault` or `Skip`.
        needs: the names of the hops that must have passed before.
    """

    name: str
    check: Callable[[Case], Awaitable[str]]
    needs: tuple[str, ...] = ()
