"""The searchable page of the audit log."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from staff.admin.readable import action_name, kind_name, lines
from staff.admin.readonly import ReadOnlyAdmin
from staff.models import AuditEntry


class _InWords(AllValuesFieldListFilter):
    """A filter by a column of internal names, shown as labels."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": self.word(str(choice["display"]))}

    def word(self, name: str) -> str:
        """The label of an internal name."""
        raise NotImplementedError


class KindFilter(_InWords):
    def word(self, name: str) -> str:
        return kind_name(name)


class ActionFilter(_InWords):
    def word(self, name: str) -> str:
        return action_name("", name)


class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log, read-only."""

    list_display = ("made_at", "actor_name", "did", "to", "target", "reason")
    list_filter = (("kind", KindFilter), ("action", ActionFilter), "made_at")
    search_fields = ("actor_id", "actor_name", "action", "object_id", "reason")
    fields = ("made_at", "actor_name", "actor_id", "did", "to", "target", "reason", "what_changed")
    readonly_fields = ("did", "to", "target", "what_changed")

    @admin.display(description=_("action"), ordering="action")
    def did(self, entry: AuditEntry) -> str:
        return action_name(entry.kind, entry.action)

    @admin.display(description=_("kind"), ordering="kind")
    def to(self, entry: AuditEntry) -> str:
        return kind_name(entry.kind)

    @admin.display(description=_("changes"))
    def what_changed(self, entry: AuditEntry) -> str:
        """One line for each changed column."""
        return format_html_join("\n", "{}: {} → {}", lines(entry)) or "–"

    @admin.display(description=_("object"))
    def target(self, entry: AuditEntry) -> str:
        """The object's key, with a link to its page."""
        try:
            page = reverse(f"admin:{entry.kind.replace('.', '_')}_change", args=[entry.object_id])
        except NoReverseMatch:
            return entry.object_id
        return format_html('<a href="{}">{}</a>', page, entry.object_id)
