"""Nothing personal leaves the service in any log line, push, answer or figure of the whole test run.

A plugin: it looks at what leaves while the tests do their work, and fails the test in which it
finds what looks like a subject, a token, an e-mail address or a Discord id.
"""

import logging
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

PERSONAL = re.compile(
    r"""
    \b(?:test|dev|auth0|discord|google-oauth2)\|[\w-]+   # whom the identity provider means
    | eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}                 # a token
    | (?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]+             # an e-mail address
    | (?<![\w.])(?!922337203685477580[78])\d{17,20}(?![\w.]) # a Discord id; the largest integers are none
    """,
    re.VERBOSE,
)
TOKENS_ARE_GIVEN_AT = "/api/auth/dev/login"
EXPORTED = 'attachment; filename="unitemate-account-'
"""Begins the disposition of the one answer that has personal data, that of whom it is about."""


class Scan:
    """What was found so far.

    Attributes:
        seen: how many things were looked at, by where they left.
    """

    def __init__(self) -> None:
        self._findings: list[str] = []
        self.seen: dict[str, int] = {}

    def look(self, where: str, text: str | bytes) -> None:
        """Look at something that leaves; where it leaves is told with a finding."""
        self.seen[where] = self.seen.get(where, 0) + 1
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        if (found := PERSONAL.search(text)) is not None:
            self._findings.append(f"{where}: {found[0]!r} in {text[:300]!r}")

    def take(self) -> list[str]:
        """The findings since the last call."""
        findings, self._findings = self._findings, []
        return findings


scan = Scan()


class _Lines(logging.Handler):
    """Looks at lines as a deployment would write them."""

    def emit(self, record: logging.LogRecord) -> None:
        scan.look("log", self.format(record))


@pytest.fixture(scope="session", autouse=True)
def _everything_is_looked_at() -> Iterator[None]:
    from django.core.handlers.base import BaseHandler  # noqa: PLC0415  (Django is set up by now)

    from realtime.protocol import frames  # noqa: PLC0415
    from unitemate.telemetry.logs import formatter  # noqa: PLC0415

    import_module("unitemate.asgi")  # sets logging up anew, and takes other handlers away
    patch = pytest.MonkeyPatch()
    encode = frames.encode

    def encoded(frame):
        finished = encode(frame)
        scan.look("push", frames.payload(finished))
        return finished

    get_response, get_response_async = BaseHandler.get_response, BaseHandler.get_response_async

    def answered(self, request):
        response = get_response(self, request)
        _look_at_answer(request, response)
        return response

    async def answered_async(self, request):
        response = await get_response_async(self, request)
        _look_at_answer(request, response)
        return response

    patch.setattr(frames, "encode", encoded)
    patch.setattr(BaseHandler, "get_response", answered)
    patch.setattr(BaseHandler, "get_response_async", answered_async)
    lines = _Lines()
    lines.setFormatter(formatter("json"))
    logging.getLogger().addHandler(lines)
    yield
    logging.getLogger().removeHandler(lines)
    patch.undo()
    for line in _figures():
        scan.look("metrics", line)
    assert scan.take() == []


def _look_at_answer(request, response) -> None:
    if response.streaming or response.headers.get("Content-Encoding"):
        return
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    is_export = response.headers.get("Content-Disposition", "").startswith(EXPORTED)
    if response.status_code >= 400 or not (is_page or is_export or request.path == TOKENS_ARE_GIVEN_AT):
        scan.look("answer", response.content)
    scan.look("headers", "\n".join(f"{name}: {value}" for name, value in response.headers.items()))


def _figures() -> list[str]:
    """The labels of everything that was counted in this process and those that it has started."""
    from realtime.telemetry import multiprocess  # noqa: PLC0415

    return [key for keys in multiprocess.folder().totals().values() for key in keys]


@pytest.fixture(autouse=True)
def _nothing_personal_leaves() -> Iterator[None]:
    yield
    assert scan.take() == [], "personal data has left the service"
