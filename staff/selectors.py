"""Every read of what staff have done and set that is more than a line."""

from django.db.models import Model, QuerySet

from staff.models import AuditEntry, HouseRules


def house_rules() -> HouseRules:
    """What staff have set; where they have never set anything, an empty row that is not saved."""
    return HouseRules.objects.first() or HouseRules()


def audit_of(row: Model) -> QuerySet[AuditEntry]:
    """What staff have done to this, the latest first."""
    return AuditEntry.objects.filter(kind=row._meta.label_lower, object_id=str(row.pk))
