"""Every write to accounts, badges and penalties. Each writes only the columns that it is about.

That matters most for the profile: it is saved while the same row's rating may change.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils import timezone

from users.errors import Invalid
from users.ids import is_public_id
from users.models import Badge, OwnedBadge, Penalty, User
from users.roles import ROLES
from users.text import checked, clean
from users.tokens import Claims

NAMELESS = "Player"
"""What an account is called whose claims hold no name that others may see."""
MOST_BLOCKED = 100
MOST_WORN = 2
"""Badges that may be worn at once."""
LONGEST_AVATAR_URL = 200

_twitter_id = re.compile(r"[A-Za-z0-9_]{1,15}")
_https = URLValidator(schemes=["https"])


def user_from_claims(*, claims: Claims) -> User:
    """The account of an identity, made if there is none.

    However many requests arrive together, one account is made. Later claims change nothing in it:
    the profile is the player's own.

    Args:
        claims: of a verified token.
    """
    defaults = {
        "password": make_password(None),
        "trainer_name": _name(claims.name),
        "email": claims.email if claims.email.isprintable() and len(claims.email) <= 254 else "",
        "discord_id": claims.discord_id,
        "discord_username": clean(claims.discord_username)[:32],
    }
    try:
        return User.objects.get_or_create(subject=claims.subject, defaults=defaults)[0]
    except IntegrityError:
        # Another account has this Discord id; the person is known by the subject alone.
        defaults["discord_id"] = None
        return User.objects.get_or_create(subject=claims.subject, defaults=defaults)[0]


def profile_update(
    *,
    user: User,
    trainer_name: str | None = None,
    bio: str | None = None,
    preferred_roles: Sequence[str] | None = None,
    twitter_id: str | None = None,
    blocked_user_ids: Sequence[str] | None = None,
) -> User:
    """Change what a player says about themselves; what is None stays.

    Args:
        user: the player.
        trainer_name: 1–50 characters.
        bio: up to 200 characters, with line breaks.
        preferred_roles: some of the roles or none, favourite first.
        twitter_id: up to 15 letters, digits and underscores, with or without an `@`; empty to remove it.
        blocked_user_ids: up to 100 other players not to be matched with.

    Raises:
        Invalid: a value breaks these rules.
    """
    changed: dict[str, object] = {}
    if trainer_name is not None:
        changed["trainer_name"] = checked(trainer_name, field="trainer_name", longest=50, blank=False)
    if bio is not None:
        changed["bio"] = checked(bio, field="bio", longest=200, lines=True)
    if preferred_roles is not None:
        changed["preferred_roles"] = _distinct(preferred_roles, field="preferred_roles", known=set(ROLES))
    if twitter_id is not None:
        twitter_id = twitter_id.strip().removeprefix("@")
        if twitter_id and not _twitter_id.fullmatch(twitter_id):
            raise _invalid("twitter_id", "This is no such name: up to 15 letters, digits and underscores.", "invalid")
        changed["twitter_id"] = twitter_id
    if blocked_user_ids is not None:
        changed["blocked_user_ids"] = _blockable(blocked_user_ids, user)
    return _user_save(user, **changed)


def discord_update(*, user: User, discord_username: str, discord_avatar_url: str) -> User:
    """Set how a player appears on Discord. Only the player sees it.

    Args:
        user: the player.
        discord_username: up to 32 characters; empty to remove it.
        discord_avatar_url: an https address of up to 200 characters; empty to remove it.

    Raises:
        Invalid: a value breaks these rules.
    """
    username = checked(discord_username, field="discord_username", longest=32)
    url = checked(discord_avatar_url, field="discord_avatar_url", longest=LONGEST_AVATAR_URL)
    if url:
        try:
            _https(url)
        except Invalid as error:
            raise _invalid("discord_avatar_url", "This is no https address.", "invalid") from error
    return _user_save(user, discord_username=username, discord_avatar_url=url)


def user_ban(*, user: User, reason: str, now: datetime | None = None) -> User:
    """Shut an account out. It keeps no staff rights; who is banned already keeps the first time.

    Args:
        user: the account.
        reason: up to 200 characters, for staff.
        now: the time of the ban; the present unless given.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        return _user_save(
            user,
            banned_at=locked.banned_at or now or timezone.now(),
            ban_reason=checked(reason, field="reason", longest=200),
            is_staff=False,
            is_superuser=False,
        )


def user_unban(*, user: User) -> User:
    """Let a banned account in again; one that is not banned stays as it is."""
    return _user_save(user, banned_at=None, ban_reason="")


def badge_grant(*, user: User, badge: Badge, now: datetime | None = None) -> OwnedBadge:
    """Give a player a badge; one that is owned already stays as it is.

    Args:
        user: the player.
        badge: the badge.
        now: when it was earned; the present unless given.
    """
    defaults = {"earned_at": now or timezone.now()}
    return OwnedBadge.objects.get_or_create(user=user, badge=badge, defaults=defaults)[0]


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
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one after the other, so that the places fit
    owned = {badge.badge_id: badge for badge in OwnedBadge.objects.filter(user=user)}
    if len(badge_ids) > MOST_WORN:
        raise _invalid("badges", f"At most {MOST_WORN} badges can be worn.", "max_length")
    worn = _distinct(badge_ids, field="badges", known=owned.keys())
    places = {badge_id: place for place, badge_id in enumerate(worn, start=1)}
    moved = [badge for badge in owned.values() if badge.place != places.get(badge.badge_id)]
    # Taken off before put on: no two may have the same place even for a moment.
    for badge in moved:
        badge.place = None
        badge.save(update_fields=["place"])
    for badge in moved:
        if badge.badge_id in places:
            badge.place = places[badge.badge_id]
            badge.save(update_fields=["place"])
    return worn


def penalty_give(
    *, user: User, points: int, reason: str, until: datetime | None = None, now: datetime | None = None
) -> Penalty:
    """Give a player points for misconduct.

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
        raise _invalid("points", "A penalty has 1 to 100 points.", "invalid")
    reason = checked(reason, field="reason", longest=200, blank=False)
    return Penalty.objects.create(user=user, points=points, reason=reason, until=until, given_at=now or timezone.now())


def penalty_lift(*, penalty: Penalty, now: datetime | None = None) -> Penalty:
    """Take a penalty back; one that has been lifted keeps its first time.

    Args:
        penalty: the penalty.
        now: when it is lifted; the present unless given.
    """
    with transaction.atomic():
        locked = Penalty.objects.select_for_update(no_key=True).get(pk=penalty.pk)
        penalty.lifted_at = locked.lifted_at or now or timezone.now()
        penalty.save(update_fields=["lifted_at"])
    return penalty


def _user_save(user: User, **changed: object) -> User:
    """Write these columns and no others."""
    for column, value in changed.items():
        setattr(user, column, value)
    if changed:
        user.save(update_fields=list(changed))
    return user


def _name(name: str) -> str:
    try:
        return checked(clean(name)[:50], field="name", longest=50, blank=False)
    except Invalid:
        return NAMELESS


def _blockable(user_ids: Sequence[str], user: User) -> list[str]:
    field = "blocked_user_ids"
    if len(user_ids) > MOST_BLOCKED:
        raise _invalid(field, f"At most {MOST_BLOCKED} players can be blocked.", "max_length")
    if user.pk in user_ids:
        raise _invalid(field, "You cannot block yourself.", "invalid")
    possible = [user_id for user_id in user_ids if is_public_id(user_id)]
    known = User.objects.filter(pk__in=possible).values_list("pk", flat=True)
    return _distinct(user_ids, field=field, known=set(known))


def _distinct(values: Sequence[str], *, field: str, known: Collection[str]) -> list[str]:
    """The values, if each is known and none stands there twice."""
    if any(value not in known for value in values):
        raise _invalid(field, "There is something in it that you cannot choose.", "unknown")
    if len(set(values)) != len(values):
        raise _invalid(field, "The same stands there twice.", "duplicate")
    return list(values)


def _invalid(field: str, message: str, code: str) -> Invalid:
    return Invalid({field: Invalid(message, code=code)})
