"""The catalogue of badges."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from staff.admin import AuditedAdmin, service_action
from users import services
from users.models import Badge


class BadgeAdmin(AuditedAdmin):
    """The catalogue. Badges are granted and revoked on an account's page."""

    list_display = ("name", "badge_id", "earned_by", "position")
    search_fields = ("name", "badge_id")
    actions = ("delete",)

    @service_action(_("Take out of the catalogue, and from all who own it"))
    def delete(self, badge: Badge, **fields: Any) -> None:
        """Delete the badge; nobody owns or wears it any longer."""
        services.badge_delete(badge=badge)
