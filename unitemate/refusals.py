"""What is refused before any view sees it."""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from unitemate.errors import refusal
from unitemate.throttles import PerAddress


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
