"""How errors are answered: what services and Django raise, in the one form of the REST interface."""

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, status
from rest_framework.fields import get_error_detail


class TooLarge(exceptions.APIException):
    """413: the body is larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The request body is too large."


class Handler(ExceptionHandler):
    """Adds Django's own exceptions to those that REST framework knows."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """The REST framework exception that stands for `exc`, or `exc` itself."""
        if isinstance(exc, ValidationError):
            return exceptions.ValidationError(get_error_detail(exc))
        if isinstance(exc, RequestDataTooBig):
            return TooLarge()
        return super().convert_known_exceptions(exc)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for an address that is none: under the API in its form, elsewhere as a page."""
    if not request.path_info.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    error = {"code": "not_found", "detail": "There is no such address.", "attr": None}
    return JsonResponse({"type": "client_error", "errors": [error]}, status=404)
