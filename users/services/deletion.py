"""Deleting accounts, and pruning what was kept of them for a while."""

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
"""The columns that a deletion writes. Ratings and counts are not among them: a match may change them meanwhile."""


@transaction.atomic
def account_delete(*, user: User, now: datetime | None = None) -> None:
    """Remove everything that identifies an account's owner. Nothing happens if it is deleted already.

    The row stays under its public id with its ratings, since matches and other players' ratings refer to
    it. A ban and penalties in force stay as well. While they last, and while tokens of the person may
    still be valid, the account keeps a keyed digest of the subject, by which `user_from_claims`
    recognises the person.

    Args:
        user: the account.
        now: the time; the present unless given. Tokens issued until then are no longer accepted.

    Raises:
        Conflict: while a match of the player is open, or can still bring a penalty: `in_match` before
            the player has reported, `match_open` after that.
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
    """Delete penalties that ended before a time, all penalties of accounts deleted before it, and old notices.

    Ended penalties of a player with others in force stay: they determine when the next point is worked off.

    Args:
        before: the time.

    Returns:
        How many penalties were deleted.
    """
    User.objects.filter(notice__at__lt=rfc3339(before)).update(notice=None)  # a notice may quote a penalty's reason
    worked_off = Q(worked_off__gte=F("points"), worked_off_at__lt=before) & (Q(until=None) | Q(until__lt=before))
    in_force = Penalty.objects.filter(selectors.in_force(before), user=OuterRef("user"))
    ended = Penalty.objects.filter(Q(lifted_at__lt=before) | worked_off, ~Exists(in_force))
    left = Penalty.objects.filter(user__deleted_at__lt=before)
    return ended.delete()[0] + left.delete()[0]


@transaction.atomic
def former_accounts_forget(*, before: datetime, now: datetime) -> int:
    """Delete the digests of accounts that were deleted before a time.

    Digests of accounts with a ban or penalties in force stay until these end.

    Args:
        before: the time; tokens issued before it have expired.
        now: the present, in which penalties are in force or not.

    Returns:
        How many digests were deleted.
    """
    in_force = Penalty.objects.filter(selectors.in_force(now), user=OuterRef("pk"))
    former = User.objects.filter(~Exists(in_force), deleted_at__lt=before, banned_at=None).exclude(former_digest="")
    return former.update(former_digest="")
