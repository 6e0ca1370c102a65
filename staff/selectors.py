"""Reads of the audit log and the house rules."""

from django.db.models import Model, QuerySet

from staff.models import AuditEntry, HouseRules


def house_rules() -> HouseRules:
    """The house rules; an empty, unsaved row if staff have never set any."""
    return HouseRules.objects.first() or HouseRules()


def audit_of(row: Model) -> QuerySet[AuditEntry]:
    """The audit entries about a row, the latest first."""
    return AuditEntry.objects.filter(kind=row._meta.label_lower, object_id=str(row.pk))
