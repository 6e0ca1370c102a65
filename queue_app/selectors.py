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


def entries_by_wish() -> Counter[tuple[str, ...]]:
    """How many entries name the same roles in the same order; a few dozen different orders at most."""
    counts: Counter[tuple[str, ...]] = Counter()
    for wish in _wishes.all():
        counts[tuple(wish["selected_roles"])] += wish["number"]
    return counts


_wishes = Prepared(lambda: Entry.objects.order_by().values("selected_roles").annotate(number=Count("pk")))
