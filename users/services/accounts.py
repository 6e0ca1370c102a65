"""Accounts and profiles.

Each service writes only its own columns: another transaction may change the same row's rating meanwhile.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from users.errors import Invalid, NotFound
from users.ids import is_public_id
from users.models import HTTPS, TWITTER_ID, User
from users.names import is_reserved
from users.roles import ROLES
from users.services.validation import distinct, invalid
from users.text import checked

MOST_BLOCKED = 100
LONGEST_AVATAR_URL = 200


def profile_update(
    *,
    user: User,
    trainer_name: str | None = None,
    bio: str | None = None,
    preferred_roles: Sequence[str] | None = None,
    twitter_id: str | None = None,
    blocked_user_ids: Sequence[str] | None = None,
) -> User:
    """Change a player's profile. Fields that are None stay as they are.

    Args:
        user: the player.
        trainer_name: 1–50 characters. Names like those of deleted accounts or of staff are reserved.
        bio: up to 200 characters, with line breaks.
        preferred_roles: some of the roles or none, favourite first.
        twitter_id: up to 15 letters, digits and underscores, with or without an `@`; empty to remove it.
        blocked_user_ids: up to 100 other players not to be matched with.

    Raises:
        Invalid: a value breaks these rules.
        NotFound: the account has been deleted meanwhile.
    """
    changed: dict[str, object] = {}
    if trainer_name is not None:
        changed["trainer_name"] = _own_name(trainer_name, user)
    if bio is not None:
        changed["bio"] = checked(bio, field="bio", longest=200, lines=True)
    if preferred_roles is not None:
        changed["preferred_roles"] = distinct(preferred_roles, field="preferred_roles", known=set(ROLES))
    if twitter_id is not None:
        twitter_id = twitter_id.strip().removeprefix("@")
        _check(TWITTER_ID, twitter_id, "twitter_id")
        changed["twitter_id"] = twitter_id
    if blocked_user_ids is not None:
        changed["blocked_user_ids"] = _blockable(blocked_user_ids, user)
    return _own_save(user, **changed)


def discord_update(*, user: User, discord_username: str, discord_avatar_url: str) -> User:
    """Set how a player appears on Discord. Only the player sees it.

    Args:
        user: the player.
        discord_username: up to 32 characters; empty to remove it.
        discord_avatar_url: an https address of up to 200 characters; empty to remove it.

    Raises:
        Invalid: a value breaks these rules.
        NotFound: the account has been deleted meanwhile.
    """
    username = checked(discord_username, field="discord_username", longest=32)
    url = checked(discord_avatar_url, field="discord_avatar_url", longest=LONGEST_AVATAR_URL)
    _check(HTTPS, url, "discord_avatar_url")
    return _own_save(user, discord_username=username, discord_avatar_url=url)


def user_ban(*, user: User, reason: str, now: datetime | None = None) -> User:
    """Ban an account, and take its staff rights. An account that is banned already keeps its first time.

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
    """Lift the ban of an account. Nothing changes if it is not banned."""
    return _user_save(user, banned_at=None, ban_reason="")


@transaction.atomic
def _own_save(user: User, **changed: object) -> User:
    """Write a player's own columns, unless the account is deleted: that would bring personal data back."""
    there = User.objects.select_for_update(no_key=True).filter(pk=user.pk, deleted_at=None)
    if not there.exists():
        raise NotFound("This account has been deleted.")
    return _user_save(user, **changed)


def _user_save(user: User, **changed: object) -> User:
    """Write these columns and no others."""
    for column, value in changed.items():
        setattr(user, column, value)
    if changed:
        user.save(update_fields=list(changed))
    return user


def _own_name(name: str, user: User) -> str:
    name = checked(name, field="trainer_name", longest=50, blank=False)
    if is_reserved(name, is_staff=user.is_staff):
        raise invalid("trainer_name", "This name is reserved.", "reserved")
    return name


def _check(validator: Callable[[str], None], value: str, field: str) -> None:
    """Refuse what a column's validator refuses. An empty value passes."""
    try:
        if value:
            validator(value)
    except Invalid as error:
        raise Invalid({field: error}) from error


def _blockable(user_ids: Sequence[str], user: User) -> list[str]:
    field = "blocked_user_ids"
    if len(user_ids) > MOST_BLOCKED:
        raise invalid(field, f"At most {MOST_BLOCKED} players can be blocked.", "max_length")
    if user.pk in user_ids:
        raise invalid(field, "You cannot block yourself.", "invalid")
    possible = [user_id for user_id in user_ids if is_public_id(user_id)]
    known = User.objects.filter(pk__in=possible).values_list("pk", flat=True)
    return distinct(user_ids, field=field, known=set(known))
