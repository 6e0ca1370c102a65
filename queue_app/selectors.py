"""Every read of the queue that is more than a line."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from queue_app.models import Entry
from users.models import User
from users.selectors import penalised


def waiting_but_shut_out(now: datetime) -> QuerySet[User]:
    """Players in the queue who could not join it at this time: the banned and the penalised."""
    return User.objects.filter(
        Q(banned_at__isnull=False) | Q(is_active=False) | penalised(now),
        Exists(Entry.objects.filter(user=OuterRef("pk"))),
    )


def entries_by_roles() -> Counter[frozenset[str]]:
    """How many entries name just these roles, for every set of roles that is named."""
    return Counter(frozenset(roles) for roles in Entry.objects.values_list("selected_roles", flat=True))
