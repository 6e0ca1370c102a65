"""Every read of the queue that is more than a line."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from queue_app.models import Entry
from users.models import Penalty, User


def penalties_in_force(now: datetime) -> QuerySet[Penalty]:
    """The penalties that keep their player out of the queue at this time."""
    return Penalty.objects.filter(lifted_at=None, until__gt=now)


def waiting_but_shut_out(now: datetime) -> QuerySet[User]:
    """Players in the queue who could not join it at this time: the banned and the penalised."""
    penalised = Exists(penalties_in_force(now).filter(user=OuterRef("pk")))
    return User.objects.filter(
        Exists(Entry.objects.filter(user=OuterRef("pk"))),
        Q(banned_at__isnull=False) | Q(is_active=False) | penalised,
    )


def entries_by_roles() -> Counter[frozenset[str]]:
    """How many entries name just these roles, for every set of roles that is named."""
    return Counter(frozenset(roles) for roles in Entry.objects.values_list("selected_roles", flat=True))
