"""The hours of the day in which players may queue: as staff have set them, else `MATCH_HOURS`."""

from django.conf import settings

from staff.hours import ALWAYS, Hours, parse
from staff.models import HouseRules
from staff.selectors import house_rules


def match_hours(rules: HouseRules | None = None) -> Hours | None:
    """The hours in force; None where matches are played at any time.

    Args:
        rules: what staff have set, where that has been read already.
    """
    text = (rules or house_rules()).match_hours or settings.MATCH_HOURS
    return parse(text) if text and text != ALWAYS else None
