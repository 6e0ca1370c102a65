"""The admin page of the house rules. There is one row."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from staff.admin.audited import AuditedAdmin
from staff.models import HouseRules
from staff.services import house_rules_save


class HouseRulesAdmin(AuditedAdmin):
    """Changes take effect, and show on the players' pages, at once."""

    readonly_fields = ("version",)
    fieldsets = (
        (_("Announcement"), {"fields": ("announcement_ja", "announcement_en", "announcement_until")}),
        (
            _("Rules"),
            {"fields": ("rules_ja", "rules_en"), "description": _("Shown above the service's own, as plain text.")},
        ),
        (_("Time limits"), {"fields": ("lobby", "joining", "report_grace", "match")}),
        (_("Hours"), {"fields": ("match_hours",)}),
        (None, {"fields": ("version",)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict:
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Go to the page of the one row."""
        return HttpResponseRedirect(reverse("admin:staff_houserules_change", args=[1]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> HouseRules | None:
        """Make the row when it is first viewed."""
        if object_id == "1" and self.has_view_permission(request):
            HouseRules.objects.get_or_create(pk=1)
        return super().get_object(request, object_id, from_field)

    def store(self, request: HttpRequest, obj: HouseRules, form: Any, change: bool) -> None:
        house_rules_save(rules=obj)
