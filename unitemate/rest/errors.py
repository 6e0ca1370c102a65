"""Error answers: exceptions of services and of Django in the one form of the REST API."""

import logging
from typing import Any

import psycopg
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.log import log_response
from django.views import defaults
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions, status
from rest_framework.fields import get_error_detail
from rest_framework.response import Response

from users.times import rfc3339

logger = logging.getLogger(__name__)

AWAY = {"57P01", "57P02", "57P03", "57P05", "53300"}
"""SQLSTATEs, beside class 08, of a PostgreSQL that stops, starts or has no free session (Appendix A)."""
TOO_LONG = {"55P03", "57014", "25P03"}
"""SQLSTATEs of a lock, statement or transaction that exceeds its timeout (`sessions`)."""


class TooLarge(exceptions.APIException):
    """413: the body is larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The request body is too large."


class Unavailable(exceptions.APIException):
    """503: the database cannot be reached, or does not answer in time."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "The service is interrupted. Try again in a few seconds."
    wait = 5
    """Seconds, for `Retry-After`."""


class Handler(ExceptionHandler):
    """Converts Django's own exceptions and database outages to REST framework's."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """The REST framework exception that stands for `exc`, or `exc` itself."""
        if isinstance(exc, ValidationError):
            return exceptions.ValidationError(get_error_detail(exc))
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        if is_unreachable(exc):
            return Unavailable()
        return super().convert_known_exceptions(exc)

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        """Log 5xx answers. An outage of the database is one line, since every request fails alike."""
        if not isinstance(exc, Unavailable):
            super().report_exception(exc, response)
            return
        _log(self.exc, response)


class Formatter(ExceptionFormatter):
    """Adds `until` to refusals whose end is known."""

    def format_error_response(self, error_response: ErrorResponse) -> Any:
        """The body of the answer."""
        body = super().format_error_response(error_response)
        until = getattr(self.exc, "until", None)
        if until is not None:
            body["errors"][0]["until"] = rfc3339(until)
        return body


def is_unreachable(error: BaseException) -> bool:
    """Whether an error means that the database cannot be reached, or took too long.

    A refusal by the database (a missing table, a full disk) is a different thing, although Django uses the same
    exceptions for it.
    """
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return isinstance(error, OperationalError) and "database is locked" in str(error)  # SQLite's
    # Without a state the server has not spoken: no connection, none free in the pool, one that broke, no answer.
    if cause.sqlstate is None:
        return isinstance(error, OperationalError | InterfaceError)
    return cause.sqlstate.startswith("08") or cause.sqlstate in AWAY | TOO_LONG


def unavailable(error: BaseException) -> HttpResponse | None:
    """The answer of pages while the database cannot be reached: 503 in one plain line; None for any other error."""
    if not is_unreachable(error):
        return None
    answer = HttpResponse(
        Unavailable.default_detail, status=Unavailable.status_code, content_type="text/plain; charset=utf-8"
    )
    answer.headers["Retry-After"] = str(Unavailable.wait)
    _log(error, answer)
    return answer


def _log(error: BaseException, answer: Any) -> None:
    """Log one line instead of a traceback, since every request fails alike during an outage."""
    cause = error.__cause__ or error
    log_response(
        "the database cannot be reached: %s", type(cause).__name__, response=answer, logger=logger, level="warning"
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 answer of an unknown address: in the API's form under `/api/`, else as a page."""
    if not request.path_info.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return refusal(request, status.HTTP_404_NOT_FOUND, "not_found", "There is no such address.")


def refusal(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    """The answer to a request that is refused before any view: in the API's form under `/api/`, else one line of text.

    Args:
        request: the refused request.
        status: 4xx.
        code: for programs.
        detail: for people, in English.
    """
    if not request.path_info.startswith("/api/"):
        return HttpResponse(f"{detail}\n", status=status, content_type="text/plain; charset=utf-8")
    error = {"code": code, "detail": detail, "attr": None}
    return JsonResponse({"type": "client_error", "errors": [error]}, status=status)
