from collections.abc import Collection
from datetime import datetime

from matches.models import Match
from users.notices import NoticeCode
from users.services import notice_give


def match_notify_void(
    match: Match, *, why: str, now: datetime, requeued: Collection[str] = (), at_fault: Collection[str] = ()
) -> None:
    """Tell the ten that their match is void.

    Args:
        match: just closed as invalid; the caller has locked it and its players.
        why: one of `users.notices.WHY`.
        now: the time.
        requeued: ids of the players who are back in the queue.
        at_fault: ids of the players to whom it is put down.
    """
    told: dict[tuple[bool, bool], list[str]] = {}
    for user_id in match.seats.order_by("user_id").values_list("user_id", flat=True):
        told.setdefault((user_id in requeued, user_id in at_fault), []).append(user_id)
    for (has_place, has_fault), user_ids in told.items():
        notice_give(
            user_ids=user_ids,
            code=NoticeCode.MATCH_VOID,
            now=now,
            match_id=match.match_id,
            why=why,
            requeued=has_place,
            at_fault=has_fault,
        )
