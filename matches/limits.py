"""The time limits of a match: as staff have set them, or the defaults here.

`UNITEMATE_TIME_SCALE` divides all of them, so that a simulated evening can be played fast.
"""

from datetime import timedelta

from django.conf import settings

from staff.models import HouseRules
from staff.selectors import house_rules

SECONDS = {
    "lobby": 150,  # for the host to set the number of the lobby
    "handover": 60,  # at least for that, for a new host who has less time left
    "joining": 250,  # for all ten to enter the lobby
    "report_grace": 120,  # for the last reports, once seven have come
    "match": 40 * 60,  # from matching to the decision with the reports so far
    "late_report": 10 * 60,  # from closing on, to report misconduct for players who have not reported
}


def all_seconds(rules: HouseRules | None = None) -> dict[str, float]:
    """All time limits by name, in real seconds.

    Args:
        rules: what staff have set, if it has been read already.
    """
    rules = rules or house_rules()
    return {
        name: float((getattr(rules, name, None) or usual) / settings.UNITEMATE_TIME_SCALE)
        for name, usual in SECONDS.items()
    }


def limit(name: str, rules: HouseRules | None = None) -> timedelta:
    """One time limit by its name; `rules` as for `all_seconds`."""
    return timedelta(seconds=all_seconds(rules)[name])
