"""How a write of staff gets into the audit log, from the admin and over REST alike.

with audited(actor=request.user, action="void", row=match, reason=reason):
    match_void(match_id=match.match_id)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.db.models import Model

from realtime.database.sessions import unhurried
from staff.changes import changes_between, columns_of
from staff.services import audit_record


@contextmanager
def audited(
    *, actor: Any, action: str, row: Model, reason: str, fields: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Make the write in the block and its entry in the audit log one transaction: both are kept, or neither.

    The entry lists what the block has changed in the row. The transaction may take minutes (`sessions.unhurried`):
    many ratings may follow from a correction.

    Args:
        actor: the account of the member of staff.
        action: what is done, up to 40 characters; an action of the admin and its like over REST have one name.
        row: what it is done to. The block may delete it, or add it.
        reason: why, 1 to `LONGEST_REASON` characters.
        fields: what the member of staff chose besides. Each is listed as a change from nothing.
    """
    subject = copy(row)  # deleting sets the key of `row` itself to None
    with unhurried():
        before = columns_of(stored(subject))
        yield
        if subject.pk is None:  # the block has added the row, and the database has given it a key
            subject.pk = row.pk
        changes = _chosen(fields or {}) | changes_between(before, columns_of(stored(subject)))
        audit_record(actor=actor, action=action, row=subject, reason=reason, changes=changes)


def stored(row: Model) -> Model | None:
    """The row as the database has it; None where it has none."""
    return type(row)._base_manager.filter(pk=row.pk).first()


def _chosen(fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [None, value.pk if isinstance(value, Model) else value]
        for name, value in fields.items()
        if value not in (None, "")
    }
