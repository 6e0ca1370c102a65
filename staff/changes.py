"""What a write has changed in a row, as the audit log keeps it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Model

from staff.private import is_private

LONGEST_VALUE = 500
"""Characters of a value that are kept; of longer ones, their beginning."""

HIDDEN = "…"
"""Stands for what is private: the log outlives the account, and must not be what keeps it."""


class _Hidden(NamedTuple):
    """A value that is private: compared, not shown."""

    value: Any


Columns = Mapping[str, Any]
"""What is in a row, by column."""


def columns_of(row: Model | None) -> Columns:
    """What is in a row, for `changes_between`; nothing where there is no row."""
    if row is None:
        return {}
    meta = row._meta
    columns = {field.name: getattr(row, field.attname) for field in meta.concrete_fields}
    columns |= {
        field.name: sorted(str(other) for other in getattr(row, field.name).all()) for field in meta.many_to_many
    }
    return {name: _Hidden(value) if is_private(row, name) else value for name, value in columns.items()}


def changes_between(before: Columns, after: Columns) -> dict[str, list[Any]]:
    """What has changed between two states of a row: {column: [before, after]}, or that it has where it is private."""
    return {
        name: [_shown(before.get(name)), _shown(after.get(name))]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def _shown(value: Any) -> Any:
    if isinstance(value, _Hidden):
        return HIDDEN
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return value[:LONGEST_VALUE] + "…"
    return value
