"""How long what is kept: one rule for each kind of data, and the pruning of all.

The days are settings (`RETAIN_…_DAYS`); docs/security.md says why they are what they are.
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
    """What goes when it is as old as this.

    Attributes:
        what: in words, for the report.
        days: the name in `settings.RETENTION`; None where what goes is over anyway.
        prune: deletes it: `prune(before, now)`; returns how much that was.
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
"""In this order: who has no penalties left by then need not be known again."""


class Pruned(NamedTuple):
    """What one rule came to.

    Attributes:
        what: as of the rule.
        number: how much went, or would go.
        days: how old that was, at least; None where that did not matter.
    """

    what: str
    number: int
    days: int | None


def prune(*, now: datetime, dry_run: bool = False) -> Iterator[Pruned]:
    """Delete what is old enough by now, each kind in a transaction of its own.

    Args:
        now: the time.
        dry_run: whether to leave all as it is, and only say how much would go.
    """
    for rule in RULES:
        days = settings.RETENTION[rule.days] if rule.days else None
        with transaction.atomic():
            number = rule.prune(now - timedelta(days=days or 0), now)
            transaction.set_rollback(dry_run)
        yield Pruned(rule.what, number, days)
