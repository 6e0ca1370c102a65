"""The words of an examination."""

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
    """What became of a hop."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"  # it rests on one that failed, or on something that was not given


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a hop.

    Attributes:
        hop: its name.
        outcome: what became of it.
        detail: what was seen, or why it was skipped.
        cause, remedy: the likely cause of a failure, and what to do about it.
        seconds: how long it took.
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
        cause: what is most likely behind it.
        remedy: what to do.
    """

    def __init__(self, detail: str, cause: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail, self.cause, self.remedy = detail, cause, remedy


class Skip(Exception):
    """A hop cannot be examined; the text says why."""


@dataclass(slots=True)
class Case:
    """What is examined, and what has been learned so far.

    Attributes:
        url: of the site, without a path.
        token: an access token; None without one.
        name: to sign in by with the development login instead; None not to.
        origin: of the page whose socket is tried; the site's own unless given.
        changes: whether the account's own `bio` may be changed for a moment, to see the change come back.
        tls: how the server's certificate is judged.
        http: a client of the site.
        system: what `/api/system` says, if it was asked and did.
        ready: what `/readyz` says of each part.
        socket: the authenticated socket, once there is one.
        frames: what came over it so far.
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
        """Whether it is asked over TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def socket_url(self) -> str:
        """Where its socket is."""
        return f"ws{self.url.removeprefix('http')}/ws/"

    @property
    def told(self) -> dict[str, Any]:
        """What `/api/system` says.

        Raises:
            Skip: nothing.
        """
        if not self.system:
            raise Skip("/api/system has not answered")
        return self.system

    async def close(self) -> None:
        """Let go of the connections."""
        if self.socket is not None:
            await self.socket.close()
        await self.http.aclose()


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the way.

    Attributes:
        name: short.
        check: examines it; returns what was seen, or raises `Fault` or `Skip`.
        needs: the hops without which it cannot be examined.
    """

    name: str
    check: Callable[[Case], Awaitable[str]]
    needs: tuple[str, ...] = ()
