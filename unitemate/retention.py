"""Retention: one rule for each kind of data, and pruning by these rules.

The days are settings (`RETAIN_…_DAYS`); docs/security.md gives the reasons.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from matches.services import violations_forget
from realtime.publishing.retention import ended_streams_forget
from staff.services import audit_prune
from users.services import former_accounts_forget, penalties_prune


class Rule(NamedTuple):
    """When to delete a kind of data.

    Attributes:
        what: the kind in words, for the report.
        days: the name in `settings.RETENTION`; None for data that expires by itself.
        prune: `prune(before, now)` deletes the data and returns how many rows that was.
    """

    what: str
    days: str | None
    prune: Callable[[datetime, datetime], int]


def _end_sessions(before: datetime, now: datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).delete()[0]


RULES = (
    Rule("entries of the audit log", "audit", lambda before, now: audit_prune(before=before)),
    Rule("reports that name somebody", "accusations", lambda before, now: violations_forget(before=before)),
    Rule("penalties that are over, and notices", "penalties", lambda before, now: penalties_prune(before=before)),
    Rule("digests of deleted accounts", "deleted", lambda before, now: former_accounts_forget(before=before, now=now)),
    Rule("streams that have ended", "streams", lambda before, now: ended_streams_forget(before=before)),
    Rule("sessions of staff that have run out", None, _end_sessions),
)
"""The order matters: an account without penalties need not be recognised again."""


class Pruned(NamedTuple):
    """The outcome of a rule.

    Attributes:
        what: the kind of data.
        number: how many rows were deleted, or would be.
        days: their minimum age; None if it does not matter.
    """

    what: str
    number: int
    days: int | None


def prune(*, now: datetime, dry_run: bool = False) -> Iterator[Pruned]:
    """Delete expired data, each kind in a transaction of its own.

    Args:
        now: the time.
        dry_run: whether to delete nothing, and only count.
    """
    for rule in RULES:
        days = settings.RETENTION[rule.days] if rule.days else None
        with transaction.atomic():
            number = rule.prune(now - timedelta(days=days or 0), now)
            transaction.set_rollback(dry_run)
        yield Pruned(rule.what, number, days)
