"""Badges: earning and wearing them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from users.models import Badge, OwnedBadge, User
from users.services.validation import distinct, invalid

MOST_WORN = 2
"""Badges that may be worn at once."""


def badge_grant(*, user: User, badge: Badge, now: datetime | None = None) -> OwnedBadge:
    """Give a player a badge. Nothing changes if the player owns it already.

    Args:
        user: the player.
        badge: the badge.
        now: when it was earned; the present unless given.
    """
    defaults = {"earned_at": now or timezone.now()}
    return OwnedBadge.objects.get_or_create(user=user, badge=badge, defaults=defaults)[0]


def badges_grant(*, badge: Badge, user_ids: Iterable[str], now: datetime | None = None) -> None:
    """Give many players a badge. Nothing changes for those who own it already.

    Args:
        badge: the badge.
        user_ids: the players.
        now: when it was earned; the present unless given.
    """
    earned_at = now or timezone.now()
    owned = [OwnedBadge(user_id=user_id, badge=badge, earned_at=earned_at) for user_id in user_ids]
    OwnedBadge.objects.bulk_create(owned, ignore_conflicts=True)


def badge_revoke(*, user: User, badge: Badge) -> bool:
    """Take a badge from a player, who stops wearing it, too.

    Args:
        user: the player.
        badge: the badge.

    Returns:
        Whether the player had it.
    """
    return OwnedBadge.objects.filter(user=user, badge=badge).delete()[0] > 0


def badge_delete(*, badge: Badge) -> None:
    """Delete a badge from the catalogue and from all its owners.

    A badge that comes with the service returns to the catalogue at the next migration, without owners.

    Args:
        badge: the badge.
    """
    badge.delete()


def badge_define(*, badge_id: str, name: str, earned_by: str, look: dict[str, str], position: int) -> Badge:
    """Add a badge to the catalogue. A badge that exists stays as staff have edited it.

    Args:
        badge_id: up to 40 lower-case letters, digits and hyphens.
        name, earned_by: as for `Badge`.
        look: its `icon` and `colour`.
        position: in the catalogue.
    """
    defaults = {"name": name, "earned_by": earned_by, "look": look, "position": position}
    return Badge.objects.get_or_create(badge_id=badge_id, defaults=defaults)[0]


@transaction.atomic
def badges_equip(*, user: User, badge_ids: Sequence[str]) -> list[str]:
    """Wear these badges, in this order, and no others.

    Args:
        user: the player.
        badge_ids: at most two badges that the player owns.

    Returns:
        The ids as worn.

    Raises:
        Invalid: too many, the same twice, or one that is not owned.
    """
    User.objects.select_for_update(no_key=True).get(
        pk=user.pk
    )  # one request after the other, so that places stay unique
    owned = {badge.badge_id: badge for badge in OwnedBadge.objects.filter(user=user)}
    if len(badge_ids) > MOST_WORN:
        raise invalid("badges", f"At most {MOST_WORN} badges can be worn.", "max_length")
    worn = distinct(badge_ids, field="badges", known=owned.keys())
    places = {badge_id: place for place, badge_id in enumerate(worn, start=1)}
    moved = [badge for badge in owned.values() if badge.place != places.get(badge.badge_id)]
    # Take badges off before putting others on: no two may have the same place even for a moment.
    for badge in moved:
        badge.place = None
        badge.save(update_fields=["place"])
    for badge in moved:
        if badge.badge_id in places:
            badge.place = places[badge.badge_id]
            badge.save(update_fields=["place"])
    return worn
