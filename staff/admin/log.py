"""The audit log, to search."""

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from staff.admin.readonly import ReadOnlyAdmin
from staff.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to what, and why; nobody changes it."""

    list_display = ("made_at", "actor_name", "action", "kind", "target", "reason")
    list_filter = ("kind", "action", "made_at")
    search_fields = ("actor_id", "actor_name", "action", "object_id", "reason")
    fields = ("made_at", "actor_name", "actor_id", "action", "kind", "target", "reason", "changes")
    readonly_fields = ("target",)

    @admin.display(description=_("object"))
    def target(self, entry: AuditEntry) -> str:
        """What it is about, with a link to its page."""
        try:
            page = reverse(f"admin:{entry.kind.replace('.', '_')}_change", args=[entry.object_id])
        except NoReverseMatch:
            return entry.object_id
        return format_html('<a href="{}">{}</a>', page, entry.object_id)
