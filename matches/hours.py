from django.conf import settings

from staff.hours import ALWAYS, Hours, parse
from staff.selectors import house_rules


def match_hours(set_by_staff: str | None = None) -> Hours | None:
    """The hours in which players may queue: as staff have set them, or `MATCH_HOURS`; None for all day.

    Args:
        set_by_staff: `HouseRules.match_hours` if it has been read already; empty if staff have set nothing.
    """
    written = house_rules().match_hours if set_by_staff is None else set_by_staff
    text = written or settings.MATCH_HOURS
    return parse(text) if text and text != ALWAYS else None
