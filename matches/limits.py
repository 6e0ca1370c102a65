"""How long each part of a match may take: as staff have set it, else as here.

`UNITEMATE_TIME_SCALE` divides all of them, so that a simulated evening can be played fast.
"""

from datetime import timedelta

from django.conf import settings

from staff.models import HouseRules
from staff.selectors import house_rules

SECONDS = {
    "lobby": 150,  # for the host to give the lobby's number
    "handover": 60,  # for it at least, by a host to whom it was handed with less time left
    "joining": 250,  # for all ten to enter the lobby
    "report_grace": 120,  # for the last reports, once there are seven
    "match": 40 * 60,  # from matching to the decision, with whatever was reported
    "late_report": 10 * 60,  # from the closing, for those who have not reported to name misconduct
}


def all_seconds(rules: HouseRules | None = None) -> dict[str, float]:
    """The time limits, in real seconds.

    Args:
        rules: what staff have set, where that has been read already.
    """
    rules = rules or house_rules()
    return {
        name: float((getattr(rules, name, None) or usual) / settings.UNITEMATE_TIME_SCALE)
        for name, usual in SECONDS.items()
    }


def limit(name: str, rules: HouseRules | None = None) -> timedelta:
    """The time limit of that name; `rules` as above."""
    return timedelta(seconds=all_seconds(rules)[name])
