"""Deleting an account, and forgetting in time what was kept of it."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from staff.services import audit_forget_actor
from users import personal, selectors
from users.models import DELETED, OwnedBadge, Penalty, User
from users.times import rfc3339
from users.tokens import FORMER_PREFIX

WRITTEN = (
    *("former_digest", "deleted_at", "subject", "trainer_name", "password", "email", "bio", "twitter_id"),
    *("discord_username", "discord_avatar_url", "discord_id", "last_login", "tokens_from", "preferred_roles"),
    *("blocked_user_ids", "is_active", "is_staff", "is_superuser", "notice"),
)
"""Columns that a deletion writes: what the player has played meanwhile is left alone."""


@transaction.atomic
def account_delete(*, user: User, now: datetime | None = None) -> None:
    """Remove everything that says whose an account was; one that is deleted already stays as it is.

    The row stays under its public id with its ratings, since matches and ratings of others hang on it.
    A ban stays, and penalties in force do; for as long as they last, and for as long as tokens of the
    person may be about, the account keeps a keyed digest of the subject, by which
    `user_from_claims` knows the person again.

    Args:
        user: the account.
        now: the time; the present unless given. Tokens issued by then are good for nothing any more.

    Raises:
        Conflict: `in_match`, or once the player has reported `match_open`, while a match of theirs is open
            or can still bring them a point.
    """
    now = now or timezone.now()
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if account.deleted_at is not None:
        return
    personal.forget(account, now)
    audit_forget_actor(actor_id=account.pk)
    OwnedBadge.objects.filter(user=account).delete()
    Penalty.objects.filter(user=account).exclude(selectors.in_force(now)).delete()
    account.groups.clear()
    account.user_permissions.clear()
    account.former_digest, account.deleted_at = personal.digest(account.subject), now
    account.subject, account.trainer_name, account.password = (
        f"{FORMER_PREFIX}{account.pk}",
        DELETED,
        make_password(None),
    )
    account.email = account.bio = account.twitter_id = account.discord_username = account.discord_avatar_url = ""
    account.discord_id = account.last_login = account.tokens_from = account.notice = None
    account.preferred_roles, account.blocked_user_ids = [], []
    account.is_active = account.is_staff = account.is_superuser = False
    account.save(update_fields=WRITTEN)
    user.refresh_from_db()


@transaction.atomic
def penalties_prune(*, before: datetime) -> int:
    """Delete penalties that ended before a time, and those that accounts deleted before it have left; and old notices.

    Those of a player who has others in force stay: from when play works a point off depends on them.

    Args:
        before: the time.

    Returns:
        How many penalties were deleted.
    """
    User.objects.filter(notice__at__lt=rfc3339(before)).update(notice=None)  # which may quote a penalty's reason
    worked_off = Q(worked_off__gte=F("points"), worked_off_at__lt=before) & (Q(until=None) | Q(until__lt=before))
    in_force = Penalty.objects.filter(selectors.in_force(before), user=OuterRef("user"))
    ended = Penalty.objects.filter(Q(lifted_at__lt=before) | worked_off, ~Exists(in_force))
    left = Penalty.objects.filter(user__deleted_at__lt=before)
    return ended.delete()[0] + left.delete()[0]


@transaction.atomic
def former_accounts_forget(*, before: datetime, now: datetime) -> int:
    """Forget by which digest to know those again whose accounts were deleted before a time.

    Whose ban or penalties are in force is remembered for as long as they are.

    Args:
        before: the time; tokens from then are valid no longer.
        now: the present, in which penalties are in force or not.

    Returns:
        How many were forgotten.
    """
    in_force = Penalty.objects.filter(selectors.in_force(now), user=OuterRef("pk"))
    former = User.objects.filter(~Exists(in_force), deleted_at__lt=before, banned_at=None).exclude(former_digest="")
    return former.update(former_digest="")
