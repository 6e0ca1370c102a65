"""The changes of a row, in the form that the audit log keeps."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Model

from staff.private import is_private

LONGEST_VALUE = 500
"""Longer values are cut to this many characters."""

HIDDEN = "…"
"""Replaces private values. The log outlives the account, so it must not keep them."""


class _Hidden(NamedTuple):
    """A private value: it is compared, and not shown."""

    value: Any


Columns = Mapping[str, Any]
"""The values of a row, by column."""


def columns_of(row: Model | None) -> Columns:
    """The values of a row, for `changes_between`; empty if there is no row."""
    if row is None:
        return {}
    meta = row._meta
    columns = {field.name: getattr(row, field.attname) for field in meta.concrete_fields}
    columns |= {
        field.name: sorted(str(other) for other in getattr(row, field.name).all()) for field in meta.many_to_many
    }
    return {name: _Hidden(value) if is_private(row, name) else value for name, value in columns.items()}


def changes_between(before: Columns, after: Columns) -> dict[str, list[Any]]:
    """The columns that differ between two states of a row: {column: [before, after]}, with private values hidden."""
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
