"""Reads of the queue that take more than a line."""

from collections import Counter
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from queue_app.models import Entry
from users.models import User
from users.prepared import Prepared
from users.selectors import BANNED, penalised


def waiting_but_shut_out(now: datetime) -> QuerySet[User]:
    """Players in the queue who could not join it now: the banned and the penalised."""
    return User.objects.filter(
        BANNED | penalised(now),
        Exists(Entry.objects.filter(user=OuterRef("pk"))),
    )


def entries_by_roles() -> Counter[tuple[str, ...]]:
    """How many entries name the same roles in the same order: {roles: number}, a few dozen at most."""
    counts: Counter[tuple[str, ...]] = Counter()
    for row in _entries_by_roles.all():
        counts[tuple(row["selected_roles"])] += row["number"]
    return counts


_entries_by_roles = Prepared(lambda: Entry.objects.order_by().values("selected_roles").annotate(number=Count("pk")))
