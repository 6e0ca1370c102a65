"""System checks of the settings of matches."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from staff.hours import parse


@register()
def hours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`MATCH_HOURS` can be read. Otherwise every join would fail."""
    try:
        if settings.MATCH_HOURS:
            parse(settings.MATCH_HOURS)
    except ValueError:
        return [
            Error(
                f"MATCH_HOURS is {settings.MATCH_HOURS!r}, which is not a span of hours.",
                hint="Write the opening and the closing time in Japan's time, such as 14:00-02:00.",
                id="matches.E001",
            )
        ]
    return []
