"""Request ids and request metrics."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from structlog.contextvars import bind_contextvars, bound_contextvars

from realtime.metrics import header_size
from unitemate.metrics import RECEIVED, REQUESTS, SECONDS, SENT
from unitemate.rest.errors import unavailable

logger = logging.getLogger(__name__)

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
HEADER = "X-Request-ID"
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The forms of ids that proxies make (nginx' `$request_id`, a UUID). Any other text could be personal."""


class RequestMiddleware:
    """Gives each request an id and counts it. It is the outermost middleware, so it sees the final answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        given = request.headers.get(HEADER, "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        with bound_contextvars(request_id=request_id, method=_method(request), route="none"):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            logger.debug("answered", extra={"status": response.status_code, "seconds": round(seconds, 4)})
        response.headers[HEADER] = request_id
        _count(request, response, seconds)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Bind the route to the log lines of the view, now that the address is resolved."""
        bind_contextvars(route=route_of(request))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer pages during an outage of the database. The API has its own answer."""
        return unavailable(exception)


def _count(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    route = route_of(request)
    REQUESTS.labels(route, _method(request), str(response.status_code)).inc()
    SECONDS.labels(route).observe(seconds)
    length = request.META.get("CONTENT_LENGTH") or "0"
    body = int(length) if length.isdecimal() and len(length) < 20 else 0
    RECEIVED.labels(route).inc(body + header_size(getattr(request, "scope", {}).get("headers", ())))
    SENT.labels(route).inc(_length(response) + header_size(response.headers.items()))


def route_of(request: HttpRequest) -> str:
    """The route pattern of a request, with names in place of values; never the address itself."""
    if (match := request.resolver_match) is not None:
        return "admin/" if match.route.startswith("admin/") else match.route or "/"
    return "static/" if request.path.startswith(settings.STATIC_URL) else "none"


def _method(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "OTHER"


def _length(response: HttpResponseBase) -> int:
    """Bytes of the body; for a streamed one, its `Content-Length`."""
    if not response.streaming:
        return len(response.content)  # type: ignore[attr-defined]
    length = response.headers.get("Content-Length", "0")
    return int(length) if length.isdecimal() else 0
