"""The house's time zone, in which the admin shows times and takes them; everything else is in UTC."""

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
"""Said at each field for a time."""
NOT_BEFORE = MinValueValidator(datetime(2000, 1, 1, tzinfo=ZONE))
"""Of each field for a time. The first hours of the year 1 have no time in UTC, and any year so far back is a slip."""


@cache
def _admin() -> str:
    return reverse("admin:index")


class HouseZoneMiddleware:
    """Makes it the present zone while a page of the admin is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_admin()):
            return self.get_response(request)
        with timezone.override(ZONE):
            return self.get_response(request)
