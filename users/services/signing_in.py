"""From a token's claims to its account, which is made at the first sign-in."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import CharField

from users.errors import Invalid, SignedOut
from users.models import Penalty, User
from users.names import is_reserved
from users.personal import digest
from users.prepared import Argument, Prepared
from users.text import checked, clean
from users.tokens import Claims

NAMELESS = "Player"
"""The name of an account whose claims contain no acceptable name."""


def user_from_claims(*, claims: Claims) -> User:
    """The account of an identity, made if there is none.

    One account is made, however many requests arrive together. Later claims do not change it: the
    profile is the player's own. If the same person has deleted an account before, its ban and its
    penalties in force move to the new account in the same transaction.

    Args:
        claims: of a verified token.

    Raises:
        SignedOut: the token was issued before the identity's last account was deleted.
    """
    columns = _of_subject.first(subject=claims.subject)
    user = User.from_db(None, columns.keys(), columns.values()) if columns else _create(claims)
    if user.refuses_token_of(claims.issued_at):
        raise SignedOut
    return user


_of_subject = Prepared(
    lambda: User.objects.filter(subject=Argument("subject", CharField())).values(
        *(field.attname for field in User._meta.concrete_fields)
    )
)


def users_from_claims(*, claims: Iterable[Claims]) -> dict[str, User]:
    """The accounts of identities, made where there are none: see `user_from_claims`.

    Returns:
        The accounts by subject, without those whose tokens were all issued before the deletion of an account.
        The caller still asks each account whether it accepts the token (`refuses_token_of`).
    """
    newest = {one.subject: one for one in sorted(claims, key=lambda one: one.issued_at)}
    found = {user.subject: user for user in User.objects.filter(subject__in=newest)}
    for subject, one in newest.items():
        if subject not in found:
            try:
                found[subject] = _create(one)
            except SignedOut:
                continue
    return found


def _create(claims: Claims) -> User:
    defaults: dict[str, object] = {
        "password": make_password(None),
        "trainer_name": _name(claims.name),
        "email": claims.email if claims.email.isprintable() and len(claims.email) <= 254 else "",
        "discord_id": claims.discord_id,
        "discord_username": clean(claims.discord_username)[:32],
    }
    try:
        return _get_or_create(claims, defaults)
    except IntegrityError:
        # Another account has this Discord id; the person is known by the subject alone.
        return _get_or_create(claims, defaults | {"discord_id": None})


@transaction.atomic
def _get_or_create(claims: Claims, defaults: dict[str, object]) -> User:
    user, created = User.objects.get_or_create(subject=claims.subject, defaults=defaults)
    if created:
        _carry_over(user, claims)
    return user


def _carry_over(user: User, claims: Claims) -> None:
    """Move the ban and the penalties of a deleted account to its owner's new one, and delete the digest."""
    former = User.objects.select_for_update(no_key=True).filter(former_digest=digest(claims.subject))
    left = list(former.order_by("deleted_at"))
    if not left:
        return
    user.tokens_from = left[-1].deleted_at
    if user.refuses_token_of(claims.issued_at):
        raise SignedOut  # this rolls the new account back
    banned = next((one for one in left if one.banned_at), None)
    if banned is not None:
        user.banned_at, user.ban_reason = banned.banned_at, banned.ban_reason
    user.save(update_fields=["tokens_from", "banned_at", "ban_reason"])
    Penalty.objects.filter(user__in=left).update(user=user)
    User.objects.filter(pk__in=[one.pk for one in left]).update(former_digest="", banned_at=None, ban_reason="")


def _name(name: str) -> str:
    try:
        checked_name = checked(clean(name)[:50], field="name", longest=50, blank=False)
    except Invalid:
        return NAMELESS
    return NAMELESS if is_reserved(checked_name, is_staff=False) else checked_name
