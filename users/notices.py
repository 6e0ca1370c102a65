"""Notices: what can be told to a player that others, or the clock, have done to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from users.times import rfc3339


class NoticeCode(StrEnum):
    """The codes of notices. Below each code are the further fields of such a notice."""

    MATCH_VOID = "match_void"
    """`match_id`, `why`, `requeued`, `at_fault`."""
    QUEUE_REMOVED = "queue_removed"
    """`why`; for a penalty also `points`, `until` and `reason`."""
    PENALTY = "penalty"
    """`points`, `until`, `reason`."""
    PENALTY_LIFTED = "penalty_lifted"
    """`points`."""
    RATING_RESET = "rating_reset"
    """`season`, its name, and `rate`, the rating shown from then on."""
    SEAT_REPLACED = "seat_replaced"
    """`match_id`."""


WHY = {
    NoticeCode.MATCH_VOID: ("no_lobby", "absent", "staff", "players", "not_enough_reports"),
    NoticeCode.QUEUE_REMOVED: ("season_end", "penalty", "banned", "staff"),
}
"""The values of `why`."""

CAUSES = ("no_lobby", "absent", "reported")
"""The `reason` of a penalty given by a rule: opened no lobby, did not come, or was reported by enough others."""


def notice(code: NoticeCode, now: datetime, **fields: Any) -> dict[str, Any]:
    """A notice as it is stored and shown.

    Args:
        code: what has happened.
        now: when.
        **fields: what `NoticeCode` says goes with the code; JSON values.
    """
    return {"code": code.value, "at": rfc3339(now), **fields}
