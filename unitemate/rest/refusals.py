"""Middleware that refuses requests before any view: too many from an address, and unreadable ones.

An unreadable request is the caller's mistake. It is answered at once and logged in one line, wherever in Django it
would have failed.
"""

import codecs
import logging
import math
from collections.abc import Callable

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from unitemate.rest.bodies import REFUSED
from unitemate.rest.errors import not_found, refusal
from unitemate.rest.throttles import PerAddress

logger = logging.getLogger(__name__)

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError, ValueError, LookupError)
"""Exceptions of Django for a malformed form or query: too many fields, no boundary, an unknown encoding."""


class AddressThrottleMiddleware:
    """Counts each request to the API by address, before anything else is done with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        throttle = PerAddress()
        if not request.path_info.startswith("/api/") or throttle.allow_request(request):
            return self.get_response(request)
        answer = refusal(request, 429, "throttled", "Too many requests. Try again later.")
        answer.headers["Retry-After"] = str(math.ceil(throttle.wait()))
        return answer


class UnreadableMiddleware:
    """Refuses unreadable requests. It parses forms, which are in memory by now, so later code cannot fail on them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]  # the database refuses NUL; other cookies may be good
        answer = _problem(request)
        if answer is None:
            return self.get_response(request)
        logger.info("a request that cannot be read was refused", extra={"status": answer.status_code})
        return answer


def _problem(request: HttpRequest) -> HttpResponse | None:
    """The answer to an unreadable request; None if it can be read."""
    if (problem := getattr(request, "scope", {}).get(REFUSED)) is not None:
        answer = refusal(request, problem.status, problem.code, problem.detail)
        if problem.is_unread:
            answer.headers["Connection"] = "close"
        return answer
    if "\0" in request.path_info:
        return not_found(request, Http404())
    if request.content_type in FORMS:
        if not _is_utf8((request.content_params or {}).get("charset", "utf-8")):
            return refusal(request, 415, "unsupported_media_type", "Forms must be UTF-8.")
        request.encoding = "utf-8"  # Django knows the encoding only by this name
    try:
        given = [request.GET]
        if request.path_info.startswith("/api/"):
            return None  # the API takes no forms, and validates parameters itself
        given.append(request.POST)
    except RequestDataTooBig:
        return refusal(request, 413, "too_large", "The request body is too large.")
    except UNREADABLE:
        return refusal(request, 400, "parse_error", "The request cannot be read.")
    if any("\0" in text for fields in given for name, values in fields.lists() for text in (name, *values)):
        return refusal(request, 400, "parse_error", "No text here has a NUL in it.")
    return None


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):
        return False
