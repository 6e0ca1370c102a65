"""The `user` stream: a player's own account, to that player alone.

Applications above add `queue` and `match_id`. A banned account has no projection, so that its
stream ends and its connections are closed.
"""

from collections.abc import Collection
from dataclasses import replace

from realtime import streams, triggers
from realtime.identity import Identity
from users import selectors
from users.documents import Me
from users.models import OwnedBadge, Penalty, User

USER = streams.declare("user", key="user_id", update="user_update", audience=streams.Audience.OWNER)

triggers.watch(User, "user_{user_id}")
triggers.watch(OwnedBadge, "user_{user_id}")
triggers.watch(Penalty, "user_{user_id}")


@USER.refresh_identity
def as_it_is_now(identity: Identity, document: streams.Document) -> Identity:
    """Who joins the staff, or leaves it, is known as that on the open sockets as well."""
    return replace(identity, is_staff=document.get("is_staff", False))


@USER.contributes(Me)
def account(keys: Collection[str]) -> dict[str, streams.Document]:
    """The account itself, of those that are not shut out."""
    return selectors.accounts(User.objects.filter(pk__in=keys, banned_at=None, is_active=True))
