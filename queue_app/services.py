"""Every write to the queue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.utils import timezone

from queue_app import guards, selectors
from queue_app.models import Entry
from users.errors import Invalid, NotFound, TooSoon
from users.models import User
from users.notices import NoticeCode
from users.prepared import Argument, Prepared
from users.roles import ROLES
from users.selectors import BANNED, penalised
from users.services import notice_give

FEWEST_ROLES = 2
ROLE_CHANGES = timedelta(seconds=10)
"""The time between two changes of roles. A simulation divides it by its time scale."""


class Place(NamedTuple):
    """A place in the queue: the roles named, best first, and since when."""

    selected_roles: list[str]
    queued_at: datetime


@transaction.atomic
def entry_create(*, user_id: str, selected_roles: list[str], now: datetime | None = None) -> tuple[Entry, bool]:
    """Put a player into the queue, or change the roles of one who waits already.

    A player who changes roles keeps the place: the time of queueing stays. The change counts from the
    next round of matchmaking on.

    Args:
        user_id: the player.
        selected_roles: two to five different roles, best first.
        now: the time of joining; the present by default.

    Returns:
        The entry, and whether it is new.

    Raises:
        Invalid: the roles are not as described.
        NotFound: there is no such account.
        Forbidden: `banned`; `penalty` while penalties keep the player out; and, for a player who does not
            wait yet, what the guards of joins say (`no_season`, `closed_hours`).
        Conflict: `in_match`.
        TooSoon: the roles have been changed less than `ROLE_CHANGES` ago.
    """
    now = now or timezone.now()
    _check_roles(selected_roles)
    facts = _lock(user_id, now)
    guards.admit(user_id, facts, now)
    if not facts["waits"]:
        return Entry.objects.create(user_id=user_id, selected_roles=selected_roles, queued_at=now), True
    entry = Entry.objects.get(pk=user_id)
    if entry.selected_roles != selected_roles:
        _change_roles(entry, selected_roles, now)
    return entry, False


@transaction.atomic
def entry_delete(*, user_id: str, now: datetime | None = None) -> bool:
    """Take a player out of the queue. Nothing happens if the player does not wait.

    Args:
        user_id: the player.
        now: the time of leaving; the present by default.

    Returns:
        Whether the player was in the queue.

    Raises:
        NotFound: there is no such account.
        Conflict: `in_match`, once the player has been matched.
    """
    now = now or timezone.now()
    guards.check(_lock(user_id, now), now, joins=False)
    deleted, _ = Entry.objects.filter(user_id=user_id).delete()
    return deleted > 0


@transaction.atomic
def entry_remove(*, user_id: str, now: datetime | None = None) -> bool:
    """Take a player out of the queue and tell them; for staff.

    Args:
        user_id: the player.
        now: the time; the present by default.

    Returns:
        Whether the player was in the queue.

    Raises:
        NotFound: there is no such account.
        Conflict: `in_match`, once the player has been matched.
    """
    now = now or timezone.now()
    removed = entry_delete(user_id=user_id, now=now)
    if removed:
        notice_give(user_ids=[user_id], code=NoticeCode.QUEUE_REMOVED, now=now, why="staff")
    return removed


def entries_drop_shut_out(*, now: datetime | None = None) -> int:
    """Take players out of the queue who could not join it now (the banned and the penalised), and tell them.

    Args:
        now: the time at which penalties must have ended; the present by default.

    Returns:
        How many were taken out.
    """
    now = now or timezone.now()
    shut_out = selectors.waiting_but_shut_out(now)
    if not shut_out.exists():  # nearly always, and then it needs no transaction
        return 0
    with transaction.atomic():
        users = _locked_and_waiting(shut_out)
        Entry.objects.filter(user__in=users).delete()
        for user in users:
            why = "banned" if user.is_banned else "penalty"
            given = user.notice if isinstance(user.notice, dict) else {}
            # If the player has been told of the penalty, the new notice repeats its details.
            told = {name: given[name] for name in ("points", "until", "reason") if name in given}
            fields = told if why == given.get("code") else {}
            notice_give(user_ids=[user.pk], code=NoticeCode.QUEUE_REMOVED, now=now, why=why, **fields)
    return len(users)


def entries_put_back(*, places: Mapping[str, Place], now: datetime | None = None) -> list[Entry]:
    """Put players back into the queue at their old places, because their match is void.

    A player who already waits again, or is banned or penalised, is not put back. Opening hours and the
    season do not count here: the players were in time when they joined.

    Args:
        places: the old place of each player, by user id. The caller has locked these accounts and
            checked that none of them is in a match.
        now: the time at which penalties must have ended; the present by default.

    Returns:
        The new entries.
    """
    shut_out = penalised(now or timezone.now()) | BANNED
    waiting = Exists(Entry.objects.filter(user=OuterRef("pk")))
    users = User.objects.filter(~waiting, pk__in=list(places)).exclude(shut_out)
    return Entry.objects.bulk_create(
        Entry(user=user, selected_roles=places[user.pk].selected_roles, queued_at=places[user.pk].queued_at)
        for user in users
    )


@transaction.atomic
def entries_clear(*, why: str, now: datetime | None = None) -> int:
    """Take everyone out of the queue and tell them.

    Args:
        why: one of `users.notices.WHY`.
        now: the time; the present by default.

    Returns:
        How many were taken out.
    """
    waiting = User.objects.filter(Exists(Entry.objects.filter(user=OuterRef("pk"))))
    users = _locked_and_waiting(waiting)
    Entry.objects.filter(user__in=users).delete()
    told = [user.pk for user in users]
    notice_give(user_ids=told, code=NoticeCode.QUEUE_REMOVED, now=now or timezone.now(), why=why)
    return len(users)


def _locked_and_waiting(users: QuerySet[User]) -> list[User]:
    """Lock these accounts, and return those that still wait."""
    locked = list(users.select_for_update(no_key=True).order_by("user_id"))
    waiting = set(Entry.objects.filter(user__in=locked).values_list("user_id", flat=True))
    return [user for user in locked if user.pk in waiting]


def _change_roles(entry: Entry, selected_roles: list[str], now: datetime) -> None:
    """Change the roles of a waiting player, not too often: each change can make a proposed match fail."""
    if entry.roles_changed_at is not None:
        until = entry.roles_changed_at + ROLE_CHANGES / settings.UNITEMATE_TIME_SCALE
        if now < until:
            raise TooSoon("Roles can be changed every ten seconds.", until=until, now=now)
    entry.roles_before, entry.selected_roles, entry.roles_changed_at = entry.selected_roles, selected_roles, now
    entry.save(update_fields=["roles_before", "selected_roles", "roles_changed_at"])


def _check_roles(selected_roles: list[str]) -> None:
    known = isinstance(selected_roles, list) and all(role in ROLES for role in selected_roles)
    if not known or len(selected_roles) < FEWEST_ROLES:
        raise Invalid({"selected_roles": [f"Name {FEWEST_ROLES} to {len(ROLES)} of {', '.join(ROLES)}."]})
    if len(set(selected_roles)) < len(selected_roles):
        raise Invalid({"selected_roles": ["Name each role once."]})


def _lock(user_id: str, now: datetime) -> guards.Facts:
    """Lock the player's account, which serialises the player's joins, leaves and matches; then read the facts.

    These are two queries on purpose. A single query that waits for the lock would have read the facts
    as they were before it waited.
    """
    _locked.first(user_id=user_id)
    facts = guards.read_facts(user_id, now)
    if facts is None:
        raise NotFound("There is no such account.")
    return facts


_locked = Prepared(
    lambda: User.objects.select_for_update(no_key=True).filter(pk=Argument("user_id", CharField())).values("pk")
)
