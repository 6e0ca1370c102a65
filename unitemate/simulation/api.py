"""A client of the REST API that counts its requests and times them."""

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import msgspec

ATTEMPTS = 8


class Unavailable(Exception):
    """The server did not answer, or answered 503, at each attempt."""


class Answer(NamedTuple):
    """An answer of the API.

    Attributes:
        status: the HTTP status.
        body: the JSON; None if there is none.
        code: the first error's code; empty for a success.
    """

    status: int
    body: Any
    code: str

    @property
    def ok(self) -> bool:
        return self.status < 400


class Api:
    """The REST API at one address, shared by all players.

    Args:
        url: of the server, without a path.
        at_once: maximum of simultaneous requests.

    Attributes:
        requests: the number of requests made.
        took: seconds that each answer took.
        unexpected: the number of refusals that no player should get, by method, route, status and code.
    """

    def __init__(self, url: str, *, at_once: int = 24) -> None:
        self.url = url
        self.requests = 0
        self.took: list[float] = []
        self.unexpected: Counter[str] = Counter()
        self._room = asyncio.Semaphore(at_once)
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._http = httpx.AsyncClient(base_url=url, timeout=30, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: Any = None,
        expected: Collection[str] = (),
        attempts: int = ATTEMPTS,
    ) -> Answer:
        """Make a request, and repeat it while the server cannot be reached.

        Every request of the API may be repeated: all of its writes are idempotent.

        Args:
            method: the HTTP method.
            path: below `/api/`.
            token: of the caller; empty to call without one.
            body: to send as JSON.
            expected: error codes that are normal here; others are counted as `unexpected`.
            attempts: how often to try; the pause doubles each time, from 0.1 s.

        Raises:
            Unavailable: no attempt succeeded.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        for attempt in range(attempts):
            try:
                async with self._room:
                    self.requests += 1
                    began = time.perf_counter()
                    response = await self._http.request(method, f"/api/{path}", headers=headers, content=content)
                    self.took.append(time.perf_counter() - began)
            except httpx.TransportError:
                await asyncio.sleep(0.1 * 2**attempt)
                continue
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                await asyncio.sleep(0.1 * 2**attempt)
                continue
            return self._answer(method, path, response, expected)
        raise Unavailable(f"{method} {path}")

    def _answer(self, method: str, path: str, response: httpx.Response, expected: Collection[str]) -> Answer:
        try:
            body = msgspec.json.decode(response.content) if response.content else None
        except msgspec.DecodeError:
            body = None
        code = ""
        if response.is_error:
            code = "no_json"
            if isinstance(body, dict) and body.get("errors"):
                code = body["errors"][0]["code"]
            if code not in expected:
                route = "/".join("…" if len(part) >= 16 else part for part in path.split("/"))
                self.unexpected[f"{method} {route} {response.status_code} {code}"] += 1
        return Answer(response.status_code, body, code)
