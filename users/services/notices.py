"""Notices: the last thing that was done to a player by others or by the clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from users.models import User
from users.notices import NoticeCode, notice


def notice_give(*, user_ids: Iterable[str], code: NoticeCode, now: datetime, **fields: Any) -> None:
    """Give players a notice, in the transaction of its cause. It replaces an earlier notice.

    Args:
        user_ids: the players, whom the caller has locked. Deleted accounts get no notice.
        code: what has happened.
        now: when.
        **fields: as for `users.notices.notice`.
    """
    told = User.objects.filter(pk__in=list(user_ids), deleted_at=None)
    told.update(notice=notice(code, now, **fields))
