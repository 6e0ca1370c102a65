"""What is refused before any view sees it: who calls too often, and what cannot be read.

A request that cannot be read is the caller's mistake. It is answered at once and leaves one line in the log, whatever
in Django would have come across it first.
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
"""What Django raises for a form or a query: too many fields, no boundary, an encoding that is none."""


class AddressThrottleMiddleware:
    """Counts each request to the API by address, before anything of it is looked at."""

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
    """Refuses what cannot be read. It reads forms, all of which are in memory by now, so that nobody after it fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]  # the database takes none, and the others may be good
        answer = _problem(request)
        if answer is None:
            return self.get_response(request)
        logger.info("a request that cannot be read was refused", extra={"status": answer.status_code})
        return answer


def _problem(request: HttpRequest) -> HttpResponse | None:
    """The answer to a request that cannot be read."""
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
        request.encoding = "utf-8"  # which Django knows by this name alone
    try:
        given = [request.GET]
        if request.path_info.startswith("/api/"):
            return None  # which takes no forms, and has its own words for its parameters
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
