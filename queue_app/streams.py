"""The `queue` stream, numbers for everyone, and what the queue adds to a player's own stream."""

from collections import Counter
from collections.abc import Collection

from queue_app import selectors
from queue_app.documents import House, InQueue, QueueProjection
from queue_app.models import Entry
from queue_app.needs import needed_roles
from realtime import streams, triggers
from realtime.streams import Document
from staff.models import HouseRules
from staff.selectors import house_rules
from users.roles import ROLES
from users.streams import USER
from users.times import rfc3339

QUEUE = streams.declare("queue", update="updateQueue", audience=streams.Audience.EVERYONE)

triggers.watch(Entry, "queue", "user_{user_id}")
triggers.watch(HouseRules, "queue")


@QUEUE.contributes(QueueProjection)
def numbers(keys: Collection[str]) -> dict[str, Document]:
    """How many wait and for which roles; it names nobody."""
    entries: Counter[frozenset[str]] = Counter()
    for roles, number in selectors.entries_by_roles().items():
        entries[frozenset(roles)] += number
    fields = {
        "total_waiting": entries.total(),
        "role_counts": {role: sum(count for roles, count in entries.items() if role in roles) for role in ROLES},
        "needed_roles": needed_roles(entries, ROLES),
    }
    return dict.fromkeys(keys, fields)


@QUEUE.contributes(House)
def house(keys: Collection[str]) -> dict[str, Document]:
    """What staff have to say to everybody, and a number that tells when `/api/system` is worth another look."""
    rules = house_rules()
    said = rules.announcement_ja or rules.announcement_en
    until = rules.announcement_until
    fields = {
        "house_version": rules.version,
        "announcement": {
            "ja": rules.announcement_ja or None,
            "en": rules.announcement_en or None,
            "until": rfc3339(until) if until else None,
        }
        if said
        else None,
    }
    return dict.fromkeys(keys, fields)


@USER.contributes(InQueue)
def own_entry(user_ids: Collection[str]) -> dict[str, Document]:
    """The player's own entry."""
    return {entry.user_id: {"queue": own(entry)} for entry in Entry.objects.filter(user_id__in=user_ids)}


def own(entry: Entry) -> Document:
    """An entry as its player sees it."""
    return {"selected_roles": entry.selected_roles, "queued_at": rfc3339(entry.queued_at)}
