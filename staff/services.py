"""Every write of this application."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from staff.models import AuditEntry, HouseRules
from staff.private import is_private

LONGEST_VALUE = 500
"""Characters of a value that the audit log keeps; of longer ones, their beginning."""

Columns = Mapping[str, Any]
"""What is in a row, by column."""


def audit_record(*, actor: Any, action: str, row: Model, reason: str, changes: Mapping[str, Any]) -> AuditEntry:
    """Write down what a member of staff has done, in the transaction in which it is done.

    Args:
        actor: the account of who did it.
        action: what, up to 40 characters.
        row: what it was done to.
        reason: why, 1–200 characters.
        changes: see `changes_between`.
    """
    return AuditEntry.objects.create(
        actor_id=actor.pk,
        actor_name=str(actor)[:50],
        action=action,
        kind=row._meta.label_lower,
        object_id=str(row.pk),
        reason=reason,
        changes=dict(changes),
    )


def columns_of(row: Model | None) -> Columns:
    """What is in a row, for `changes_between`: all but what is private; nothing where there is no row."""
    if row is None:
        return {}
    meta = row._meta
    columns = {field.name: getattr(row, field.attname) for field in meta.concrete_fields}
    columns |= {
        field.name: sorted(str(other) for other in getattr(row, field.name).all()) for field in meta.many_to_many
    }
    return {name: value for name, value in columns.items() if not is_private(row, name)}


def changes_between(before: Columns, after: Columns) -> dict[str, list[Any]]:
    """What has changed between two states of a row: {column: [before, after]}."""
    return {
        name: [_shown(before.get(name)), _shown(after.get(name))]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


@transaction.atomic
def house_rules_save(*, rules: HouseRules) -> HouseRules:
    """Take these house rules into force. They are valid (`full_clean`).

    Args:
        rules: as they are to be; `version` is set.
    """
    HouseRules.objects.get_or_create(pk=1)
    HouseRules.objects.select_for_update().get(pk=1)
    rules.pk, rules.version = 1, F("version") + 1
    rules._state.adding = False
    rules.save(force_update=True)
    rules.refresh_from_db()
    return rules


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return value[:LONGEST_VALUE] + "…"
    return value
