"""What `manage.py check` says about the settings of matches."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from staff.hours import parse


@register()
def hours(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The hours of play can be read: a join would find out too late."""
    try:
        if settings.MATCH_HOURS:
            parse(settings.MATCH_HOURS)
    except ValueError:
        return [
            Error(
                f"MATCH_HOURS is {settings.MATCH_HOURS!r}, which are no hours of the day.",
                hint="Write the time of opening and that of closing, in Japan's time: 14:00-02:00.",
                id="matches.E001",
            )
        ]
    return []
