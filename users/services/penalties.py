"""Penalties: points for misconduct, given, worked off and lifted."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from users import selectors
from users.misconduct import time_out
from users.models import Penalty, User
from users.notices import NoticeCode
from users.services.notices import notice_give
from users.services.validation import invalid
from users.text import checked
from users.times import rfc3339


@transaction.atomic
def penalty_give(
    *, user: User, points: int, reason: str, until: datetime | None = None, now: datetime | None = None
) -> Penalty:
    """Give a player points for misconduct, and tell the player.

    Args:
        user: the player.
        points: how many, from 1 to 100.
        reason: 1–200 characters, for staff and the player.
        until: no queueing before this time; None for points alone.
        now: when it is given; the present unless given.

    Raises:
        Invalid: a value breaks these rules.
    """
    if not 1 <= points <= 100:
        raise invalid("points", "A penalty has 1 to 100 points.", "invalid")
    reason = checked(reason, field="reason", longest=200, blank=False)
    now = now or timezone.now()
    _lock(user)
    penalty = Penalty.objects.create(user=user, points=points, reason=reason, until=until, given_at=now)
    notice_give(user_ids=[user.pk], code=NoticeCode.PENALTY, now=now, **_told(penalty))
    return penalty


@transaction.atomic
def penalty_for_misconduct(*, user: User, reason: str, source: str, cause: str, now: datetime | None = None) -> Penalty:
    """Give a player one point, a time-out that grows with the player's points, and a notice.

    Args:
        user: the player.
        reason: 1–200 characters, for staff.
        cause: the rule, one of `users.notices.CAUSES`, for the player's notice.
        source: what caused it, up to 40 characters. A player gets one penalty for a source: a second
            call returns the first penalty, even if that was lifted.
        now: when it is given; the present unless given.

    Raises:
        Invalid: the reason breaks these rules.
    """
    now = now or timezone.now()
    _lock(user)  # one after the other, so that the points are added up correctly
    given = Penalty.objects.filter(user=user, source=source).first()
    if given is not None:
        return given
    points = selectors.penalty_points(user.pk) + 1
    reason = checked(reason, field="reason", longest=200, blank=False)
    penalty = Penalty.objects.create(
        user=user, points=1, reason=reason, source=source, given_at=now, until=now + time_out(points)
    )
    notice_give(user_ids=[user.pk], code=NoticeCode.PENALTY, now=now, **_told(penalty) | {"reason": cause})
    return penalty


@transaction.atomic
def penalty_work_off(*, user: User, now: datetime | None = None) -> bool:
    """Take one point back for good play, from the oldest penalty that still has points.

    Args:
        user: the player.
        now: when it was earned; the present unless given.

    Returns:
        Whether the player had a point.
    """
    penalty = Penalty.objects.select_for_update(no_key=True).filter(selectors.HAS_POINTS, user=user).last()
    if penalty is None:
        return False
    penalty.worked_off, penalty.worked_off_at = F("worked_off") + 1, now or timezone.now()
    penalty.save(update_fields=["worked_off", "worked_off_at"])
    return True


@transaction.atomic
def penalty_lift(*, penalty: Penalty, now: datetime | None = None) -> Penalty:
    """Lift a penalty, and give the player a notice. A penalty that is lifted already keeps its first time.

    Args:
        penalty: the penalty.
        now: when it is lifted; the present unless given.
    """
    now = now or timezone.now()
    _lock(penalty.user)  # before the penalty, as everywhere
    locked = Penalty.objects.select_for_update(no_key=True).get(pk=penalty.pk)
    penalty.lifted_at = locked.lifted_at
    if penalty.lifted_at is None:
        penalty.lifted_at = now
        penalty.save(update_fields=["lifted_at"])
        notice_give(user_ids=[penalty.user_id], code=NoticeCode.PENALTY_LIFTED, now=now, points=penalty.points)
    return penalty


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _told(penalty: Penalty) -> dict[str, Any]:
    """The fields of a player's notice about a penalty."""
    until = rfc3339(penalty.until) if penalty.until else None
    return {"points": penalty.points, "until": until, "reason": penalty.reason}
