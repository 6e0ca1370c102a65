"""The house's time zone. The admin shows and reads times in it; everything else uses UTC."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.core.validators import MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ZONE = ZoneInfo("Asia/Tokyo")
IN_ZONE = _("In Japan's time (JST).")
"""The note at each field for a time."""
NOT_BEFORE = MinValueValidator(datetime(2000, 1, 1, tzinfo=ZONE))
"""The earliest time that a field accepts. Earlier years are typing errors, and year 1 overflows in UTC."""


@cache
def _admin() -> str:
    return reverse("admin:index")


class HouseZoneMiddleware:
    """Uses the house's time zone for pages of the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_admin()):
            return self.get_response(request)
        with timezone.override(ZONE):
            return self.get_response(request)
