"""Accounts and what their players say about themselves.

Each write is of the columns that it is about: a profile is saved while the same row's rating may change.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.utils import timezone

from users.errors import Invalid
from users.ids import is_public_id
from users.models import User
from users.prepared import Argument, Prepared
from users.roles import ROLES
from users.services.validation import distinct, invalid
from users.text import checked, clean
from users.tokens import Claims

NAMELESS = "Player"
"""What an account is called whose claims hold no name that others may see."""
MOST_BLOCKED = 100
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
    columns = _of_subject.first(subject=claims.subject)
    return User.from_db(None, columns.keys(), columns.values()) if columns else _user_made(claims)


_of_subject = Prepared(
    lambda: User.objects.filter(subject=Argument("subject", CharField())).values(
        *(field.attname for field in User._meta.concrete_fields)
    )
)


def _user_made(claims: Claims) -> User:
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


def users_from_claims(*, claims: Iterable[Claims]) -> dict[str, User]:
    """The accounts of identities, made where there are none: see `user_from_claims`.

    Returns:
        The accounts by subject; one query finds all that exist.
    """
    by_subject = {one.subject: one for one in claims}
    found = {user.subject: user for user in User.objects.filter(subject__in=by_subject)}
    for subject, one in by_subject.items():
        if subject not in found:
            found[subject] = user_from_claims(claims=one)
    return found


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
        changed["preferred_roles"] = distinct(preferred_roles, field="preferred_roles", known=set(ROLES))
    if twitter_id is not None:
        twitter_id = twitter_id.strip().removeprefix("@")
        if twitter_id and not _twitter_id.fullmatch(twitter_id):
            raise invalid("twitter_id", "This is no such name: up to 15 letters, digits and underscores.", "invalid")
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
            raise invalid("discord_avatar_url", "This is no https address.", "invalid") from error
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
        raise invalid(field, f"At most {MOST_BLOCKED} players can be blocked.", "max_length")
    if user.pk in user_ids:
        raise invalid(field, "You cannot block yourself.", "invalid")
    possible = [user_id for user_id in user_ids if is_public_id(user_id)]
    known = User.objects.filter(pk__in=possible).values_list("pk", flat=True)
    return distinct(user_ids, field=field, known=set(known))
