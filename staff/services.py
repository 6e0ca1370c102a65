"""Every write of this application."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from staff.models import AuditEntry, HouseRules


def audit_record(*, actor: Any, action: str, row: Model, reason: str, changes: Mapping[str, Any]) -> AuditEntry:
    """Write down what a member of staff has done, in the transaction in which it is done.

    Args:
        actor: the account of who did it.
        action: what, up to 40 characters.
        row: what it was done to.
        reason: why, 1–200 characters.
        changes: see `staff.changes.changes_between`.
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


@transaction.atomic
def house_rules_save(*, rules: HouseRules) -> HouseRules:
    """Take these house rules into force. They are valid (`full_clean`).

    Args:
        rules: as they are to be; `version` is set.
    """
    HouseRules.objects.select_for_update().get_or_create(pk=1)
    rules.pk, rules.version = 1, F("version") + 1
    rules._state.adding = False
    rules.save(force_update=True)
    rules.refresh_from_db()
    return rules
