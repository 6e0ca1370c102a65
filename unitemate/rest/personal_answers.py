"""Answers that are for one person are kept by nobody on the way: no proxy, no browser."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

PERSONAL = ("/api/", "/admin/")
"""Addresses whose answers depend on who asks; a view that answers everybody alike says itself how long that is good."""


class PersonalAnswersMiddleware:
    """Adds `Cache-Control: no-store`, and by what an answer varies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_known = "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
        if is_known or response.cookies or request.path_info.startswith(PERSONAL):
            patch_vary_headers(response, ("Authorization", "Cookie"))
            control = response.headers.get("Cache-Control", "")
            if not control or ((is_known or response.cookies) and "no-store" not in control):
                response.headers["Cache-Control"] = "no-store"
        return response
