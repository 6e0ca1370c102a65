"""Compressing the page and its static files, for servers with nothing before them that would do it.

The API's answers are left alone: they are small, many, and hold what is private to the caller.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Compresses HTML, scripts, styles and drawings for clients that accept it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is worth it."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        is_ours = request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/") or kind == "text/html"
        if not is_ours or not (kind.startswith("text/") or kind == "image/svg+xml" or kind.endswith("javascript")):
            return response
        return super().process_response(request, response)  # type: ignore[arg-type]
