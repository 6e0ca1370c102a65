"""Writes to the audit log and the house rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from staff import append_only
from staff.models import AuditEntry, HouseRules


def audit_record(*, actor: Any, action: str, row: Model, reason: str, changes: Mapping[str, Any]) -> AuditEntry:
    """Add an audit entry. Only `staff.auditing.audited` calls this; it opens the transaction.

    Args:
        actor: the account of the member of staff.
        action: a name of up to 40 characters.
        row: the object of the action.
        reason: 1 to `LONGEST_REASON` characters.
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


def audit_forget_actor(*, actor_id: str) -> int:
    """Remove an actor's name from the log. The entries stay, under the public id.

    Args:
        actor_id: the actor's public id.

    Returns:
        How many entries had the name.
    """
    return AuditEntry.objects.filter(actor_id=actor_id).exclude(actor_name="").update(actor_name="")


def audit_prune(*, before: datetime) -> int:
    """Delete the entries from before a time. This is the only delete that the database allows.

    Args:
        before: the time.

    Returns:
        How many were deleted.
    """
    with append_only.pruning(before):
        return AuditEntry.objects.filter(made_at__lt=before).delete()[0]


@transaction.atomic
def house_rules_save(*, rules: HouseRules) -> HouseRules:
    """Save the house rules, which the caller has validated (`full_clean`).

    Args:
        rules: as they are to be; `version` is set.
    """
    HouseRules.objects.select_for_update().get_or_create(pk=1)
    rules.pk, rules.version = 1, F("version") + 1
    rules._state.adding = False
    rules.save(force_update=True)
    rules.refresh_from_db()
    return rules
