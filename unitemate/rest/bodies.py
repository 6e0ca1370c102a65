"""Limits for request bodies as they arrive, and checks of headers that would make Django fail before any middleware.

The limit counts the bytes that arrive, with a `Content-Length` or in chunks, whatever the header says. Django
itself would store the whole body first, in a file if it is large, and only then compare the header.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

REFUSED = "unitemate.refused"
"""The key in the scope of a refused request's `Problem`. `unitemate.rest.refusals` answers it."""
TIME = 30.0
"""Seconds within which a body must have arrived."""
THROWN_AWAY = 64 * 1024 * 1024
"""Bytes beyond the limit that are read and discarded. A client that is cut off while sending sees no answer."""
_ASCII = bytes(range(128)).decode()


class Problem(NamedTuple):
    """Why a request was not read.

    Attributes:
        status: of the answer.
        code: for programs.
        detail: for people.
        is_unread: whether some of its body may still come, so that the connection cannot be used again.
    """

    status: int
    code: str
    detail: str
    is_unread: bool = False


class _Gone(Exception):
    """The client has disconnected."""


class _Body:
    """The body of a request as far as it has arrived.

    Args:
        receive: the ASGI callable to read from.
        limit: bytes that are kept; a larger body is not kept at all.
        thrown_away: bytes beyond the limit that are read and forgotten.
    """

    def __init__(self, receive: Receive, limit: int, thrown_away: int) -> None:
        self._receive = receive
        self._limit = limit
        self._thrown_away = thrown_away
        self._chunks: list[bytes] = []
        self.size = 0
        self.is_complete = False

    @property
    def is_too_large(self) -> bool:
        return self.size > self._limit

    @property
    def content(self) -> bytes:
        return b"" if self.is_too_large else b"".join(self._chunks)

    async def read(self) -> None:
        """Read the body to its end, or until too much has been discarded.

        Raises:
            _Gone: the client has ended the connection.
        """
        while not self.is_complete and self.size < self._limit + self._thrown_away:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk = message.get("body", b"")
            self.size += len(chunk)
            if self.is_too_large:
                self._chunks.clear()
            else:
                self._chunks.append(chunk)
            self.is_complete = not message.get("more_body", False)


class BoundedBodies:
    """ASGI middleware that reads and measures the body of each request before the application sees it.

    Args:
        application: answers every request, also a refused one (`REFUSED`).
        within: seconds within which a body must have come.
        thrown_away: bytes beyond the limit that are read and forgotten.
    """

    def __init__(self, application: Application, *, within: float = TIME, thrown_away: int = THROWN_AWAY) -> None:
        self._application = application
        self._within = within
        self._thrown_away = thrown_away

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = _Body(receive, limit, self._thrown_away)
        if _declared(headers) > limit and headers.get(b"expect", b"").lower() == b"100-continue":
            problem: Problem | None = _too_large(is_unread=True)  # the client asks before it sends
        else:
            try:
                async with asyncio.timeout(self._within):
                    await body.read()
            except TimeoutError:
                pass
            except _Gone:
                return
            problem = _problem(body)
        await self._application(_described(scope, body, problem), _replayed(body.content, receive), send)


def _declared(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _problem(body: _Body) -> Problem | None:
    if body.is_too_large:
        return _too_large(is_unread=not body.is_complete)
    if not body.is_complete:
        return Problem(408, "too_slow", "The request body did not come in time.", is_unread=True)
    return None


def _too_large(*, is_unread: bool) -> Problem:
    return Problem(413, "too_large", "The request body is too large.", is_unread)


def _described(scope: Message, body: _Body, problem: Problem | None) -> Message:
    """The scope as if the body had arrived in one piece with a `Content-Length`."""
    headers = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    if body.content:
        headers.append((b"content-length", b"%d" % len(body.content)))
    if not _is_readable([value for name, value in headers if name == b"content-type"]):
        headers = [pair for pair in headers if pair[0] != b"content-type"]
        problem = problem or Problem(400, "parse_error", "The Content-Type cannot be read.")
    scope = {**scope, "headers": headers}
    if problem is not None:
        scope[REFUSED] = problem
    if not (query := scope.get("query_string", b"")).isascii():  # Django expects UTF-8, and logs a traceback otherwise
        scope["query_string"] = quote(query, safe=_ASCII).encode()
    return scope


def _is_readable(content_types: list[bytes]) -> bool:
    """Whether Django can parse these. It does so while it makes the request, where nobody catches its exceptions."""
    try:
        joined = ",".join(value.decode("latin-1") for value in content_types)
        HttpRequest()._set_content_type_params({"CONTENT_TYPE": joined})  # type: ignore[attr-defined]
    except (ValueError, TypeError, LookupError, AttributeError):
        return False
    return True


def _replayed(content: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
