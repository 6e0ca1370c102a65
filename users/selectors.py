"""Every read of accounts, badges and penalties that is more than a line."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, Expression, F, Max, Min, OuterRef, Q, QuerySet, Sum

from realtime.schemas import public_part
from users.documents import Me
from users.errors import NotFound
from users.ids import is_public_id
from users.misconduct import BARRED_AT
from users.models import OwnedBadge, Penalty, User
from users.names import tags
from users.times import rfc3339

POINTS = F("points") - F("worked_off")
"""What is left of a penalty's points."""
HAS_POINTS = Q(lifted_at=None, points__gt=F("worked_off"))
"""Of penalties: that it still counts."""

BANNED = Q(banned_at__isnull=False) | Q(is_active=False)
"""Of accounts: that staff have shut them out (`User.is_banned`)."""


class Badges(NamedTuple):
    """The ids of a player's badges.

    Attributes:
        owned: in the order in which they were earned.
        equipped: those that are worn, in the order of their places.
    """

    owned: list[str]
    equipped: list[str]


def badges_of(user_ids: Collection[str]) -> dict[str, Badges]:
    """The badges of these players, in one query; every id has an entry."""
    badges = {user_id: Badges([], []) for user_id in user_ids}
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    owned = OwnedBadge.objects.filter(user_id__in=user_ids).order_by("earned_at", "badge_id")
    for user_id, badge_id, place in owned.values_list("user_id", "badge_id", "place"):
        badges[user_id].owned.append(badge_id)
        if place is not None:
            places[user_id].append((place, badge_id))
    for user_id, worn in places.items():
        badges[user_id].equipped.extend(badge_id for _, badge_id in sorted(worn))
    return badges


def penalties_of(user_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What these players' penalties come to, in one query; those without points are not in it.

    Returns:
        For each player the `points` that are left, and `until`, the time-out's end or None.
    """
    sums = (
        Penalty.objects.filter(user_id__in=user_ids, lifted_at=None)
        .order_by()
        .values("user_id")
        .annotate(total=Sum(POINTS), last=Max("until"))
    )
    return {row["user_id"]: {"points": row["total"], "until": _written(row["last"])} for row in sums if row["total"]}


def penalty_points(user_id: str) -> int:
    """The points that this player has now."""
    penalties = Penalty.objects.filter(HAS_POINTS, user_id=user_id)
    return penalties.aggregate(total=Sum(POINTS, default=0))["total"]


def in_force(now: datetime) -> Q:
    """Of penalties: that they still have points, or keep the player out at this time."""
    return HAS_POINTS | Q(lifted_at=None, until__gt=now)


def penalised(now: datetime | Expression) -> Q:
    """The condition on players whom penalties keep from queueing at this time: by a time-out, or by their points."""
    of_player = Penalty.objects.filter(user=OuterRef("pk"), lifted_at=None).order_by()
    points = of_player.values("user").annotate(total=Sum(POINTS))
    return Q(Exists(of_player.filter(until__gt=now))) | Q(Exists(points.filter(total__gte=BARRED_AT)))


def kept_out_until(user_id: str, now: datetime) -> datetime | None:
    """When the time-out ends that keeps this player from queueing; None where points do, which staff alone can lift."""
    if penalty_points(user_id) >= BARRED_AT:
        return None
    standing = Penalty.objects.filter(user_id=user_id, lifted_at=None, until__gt=now)
    return standing.aggregate(last=Max("until"))["last"]


def working_off_since(user_ids: Collection[str]) -> dict[str, datetime]:
    """Since when the matches of these players count towards their next point back.

    Returns:
        For those who have points: when the last was given back, or when the oldest that is left was given.
    """
    rows = (
        Penalty.objects.filter(user_id__in=user_ids)
        .order_by()
        .values("user_id")
        .annotate(given=Min("given_at", filter=HAS_POINTS), last=Max("worked_off_at"))
    )
    return {row["user_id"]: max(filter(None, (row["given"], row["last"]))) for row in rows if row["given"] is not None}


def accounts(users: Iterable[User]) -> dict[str, dict[str, Any]]:
    """What players see of their own accounts: the fields of the `user` projection that come from here.

    Args:
        users: any number; the number of queries stays the same.

    Returns:
        The fields by user id.
    """
    users = list(users)
    user_ids = [user.pk for user in users]
    badges, penalties = badges_of(user_ids), penalties_of(user_ids)
    return {user.pk: {**_account(user, badges[user.pk]), "penalty": penalties.get(user.pk)} for user in users}


def _account(user: User, badges: Badges) -> dict[str, Any]:
    fields = {
        "user_id": user.pk,
        "trainer_name": user.trainer_name,
        "bio": user.bio,
        "preferred_roles": user.preferred_roles,
        "twitter_id": user.twitter_id,
        "discord_username": user.discord_username,
        "discord_avatar_url": user.discord_avatar_url,
        "badges": badges._asdict(),
        "rate": user.rate,
        "max_rate": user.max_rate,
        "last_rate_delta": user.last_rate_delta,
        "match_count": user.match_count,
        "win_count": user.win_count,
        "win_rate": win_rate(user),
        "notice": user.notice,
    }
    return {**fields, "is_staff": True} if user.is_staff else fields


def public_profiles(users: Iterable[User]) -> list[dict[str, Any]]:
    """What everybody may see of these players, in their order: the public part of their accounts.

    Args:
        users: any number; the number of queries stays the same.
    """
    users = list(users)
    badges = badges_of([user.pk for user in users])
    return [public_part(_account(user, badges[user.pk]), Me) for user in users]


def user_get(user_id: str) -> User:
    """The player with this public id.

    Raises:
        NotFound: there is none.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first() if is_public_id(user_id) else None
    if user is None:
        raise NotFound("There is no such player.")
    return user


def ranked() -> QuerySet[User]:
    """The players of the leaderboard, best first: who has played and is not shut out."""
    return User.objects.filter(match_count__gt=0, banned_at=None, is_active=True).order_by("-rate", "user_id")


def with_ranks(users: Iterable[User]) -> list[dict[str, Any]]:
    """Public profiles with their `rank`; those with the same rate share one, and as many are then left out.

    Args:
        users: consecutive players of `ranked()`, from wherever in it.
    """
    profiles = public_profiles(users)
    if not profiles:
        return []
    rate, first = profiles[0]["rate"], profiles[0]["user_id"]
    before = ranked().filter(Q(rate__gt=rate) | Q(rate=rate, user_id__lt=first))
    counts = before.aggregate(better=Count("pk", filter=Q(rate__gt=rate)), all=Count("pk"))
    rank, start = counts["better"] + 1, counts["all"] + 1
    tag = tags({profile["user_id"]: profile["trainer_name"] for profile in profiles})
    for place, profile in enumerate(profiles, start=start):
        if profile["rate"] != rate:
            rate, rank = profile["rate"], place
        profile["rank"], profile["tag"] = rank, tag.get(profile["user_id"])
    return profiles


def win_rate(user: User) -> float:
    """The share of matches won, 0 to 1, to three places; 0 before the first match."""
    return round(user.win_count / user.match_count, 3) if user.match_count else 0.0


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
