"""Audited writes of staff, in the admin and over REST.

with audited(actor=request.user, action="void", row=match, reason=reason):
    match_void(match_id=match.match_id)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.db.models import Model

from realtime.database.sessions import long_transaction
from staff.changes import changes_between, columns_of
from staff.services import audit_record


@contextmanager
def audited(
    *, actor: Any, action: str, row: Model, reason: str, fields: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Run the block and add its audit entry in one transaction: both are committed, or neither is.

    The entry lists the changes of the row. The transaction may take minutes (`sessions.long_transaction`), since a
    correction may change many ratings.

    Args:
        actor: the account of the member of staff.
        action: a name of up to 40 characters; the same for an admin action and its REST counterpart.
        row: the object of the action. The block may delete it, or add it.
        reason: 1 to `LONGEST_REASON` characters.
        fields: further choices of the member of staff. Each is listed as a change from nothing.
    """
    subject = copy(row)  # deleting sets the key of `row` itself to None
    with long_transaction():
        before = columns_of(stored(subject))
        yield
        if subject.pk is None:  # the block has added the row, and the database has given it a key
            subject.pk = row.pk
        changes = _chosen(fields or {}) | changes_between(before, columns_of(stored(subject)))
        audit_record(actor=actor, action=action, row=subject, reason=reason, changes=changes)


def stored(row: Model) -> Model | None:
    """The row as it is stored; None if it is not."""
    return type(row)._base_manager.filter(pk=row.pk).first()


def _chosen(fields: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [None, value.pk if isinstance(value, Model) else value]
        for name, value in fields.items()
        if value not in (None, "")
    }
