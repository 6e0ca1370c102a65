"""Every write to the queue."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from queue_app import guards, selectors
from queue_app.models import Entry
from users.errors import Forbidden, Invalid, NotFound
from users.models import User
from users.roles import ROLES

FEWEST_ROLES = 2


@transaction.atomic
def entry_create(*, user_id: str, selected_roles: list[str], now: datetime | None = None) -> tuple[Entry, bool]:
    """Put a player into the queue, or change the roles of one who waits already.

    Changing the roles costs no place: the time of queueing stays.

    Args:
        user_id: the player.
        selected_roles: two to five different roles, best first.
        now: the time of joining; the present by default.

    Returns:
        The entry, and whether it is new.

    Raises:
        Invalid: the roles are not as described.
        NotFound: there is no such account.
        Forbidden: `banned`, or `penalty` while a penalty keeps the player out.
        Conflict: `in_match`.
    """
    now = now or timezone.now()
    _check_roles(selected_roles)
    user = _lock(user_id)
    if user.is_banned:
        raise Forbidden("This account is banned.", "banned")
    if selectors.penalties_in_force(now).filter(user_id=user_id).exists():
        raise Forbidden("A penalty keeps you from queueing for now.", "penalty")
    guards.check(user_id)
    entry, created = Entry.objects.get_or_create(
        user_id=user_id, defaults={"selected_roles": selected_roles, "queued_at": now}
    )
    if entry.selected_roles != selected_roles:
        entry.selected_roles = selected_roles
        entry.save(update_fields=["selected_roles"])
    return entry, created


@transaction.atomic
def entry_delete(*, user_id: str) -> bool:
    """Take a player out of the queue; nothing happens to one who does not wait.

    Args:
        user_id: the player.

    Returns:
        Whether the player was in the queue.

    Raises:
        NotFound: there is no such account.
        Conflict: `in_match`, once the player has been matched.
    """
    _lock(user_id)
    guards.check(user_id)
    deleted, _ = Entry.objects.filter(user_id=user_id).delete()
    return deleted > 0


def entries_drop_shut_out(*, now: datetime | None = None) -> int:
    """Take those out of the queue who could not join it now: the banned, and the penalised.

    Args:
        now: the time at which penalties must have ended; the present by default.

    Returns:
        How many were taken out.
    """
    shut_out = selectors.waiting_but_shut_out(now or timezone.now())
    if not shut_out.exists():  # nearly always, and then it needs no transaction
        return 0
    with transaction.atomic():
        users = list(shut_out.select_for_update(no_key=True).order_by("user_id"))
        deleted, _ = Entry.objects.filter(user__in=users).delete()
    return deleted


def _check_roles(selected_roles: list[str]) -> None:
    known = isinstance(selected_roles, list) and all(role in ROLES for role in selected_roles)
    if not known or len(selected_roles) < FEWEST_ROLES:
        raise Invalid({"selected_roles": [f"Name {FEWEST_ROLES} to {len(ROLES)} of {', '.join(ROLES)}."]})
    if len(set(selected_roles)) < len(selected_roles):
        raise Invalid({"selected_roles": ["Name each role once."]})


def _lock(user_id: str) -> User:
    """Lock the player's account: what serialises the player's joins, leaves and matches."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such account.")
    return user
