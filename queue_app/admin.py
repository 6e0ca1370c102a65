"""The queue in the admin: staff can look at it and take players out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queue_app import services
from queue_app.models import Entry
from staff.admin import ReadOnlyAdmin, service_action
from users.models import User
from users.roles import label
from users.times import span


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """The waiting players, the longest wait first. Only joining makes an entry."""

    list_display = ("user", "user_id", "waited", "roles", "rate", "queued_at")
    list_select_related = ("user",)
    search_fields = ("user__user_id", "user__trainer_name", "user__discord_username")
    actions = ("remove",)

    def audit_subject(self, entry: Entry) -> User:
        """The player: the audit log is about the account, since the entry is deleted."""
        return entry.user

    def may_act(self, request: HttpRequest, row: Entry) -> bool:
        """Staff take themselves out by leaving, as everybody does."""
        return row.user_id != request.user.pk

    @admin.display(description=_("waiting for"), ordering="-queued_at")
    def waited(self, entry: Entry) -> str:
        return span(timezone.now() - entry.queued_at)

    @admin.display(description=_("roles, best first"))
    def roles(self, entry: Entry) -> str:
        return ", ".join(gettext(label(role)) for role in entry.selected_roles)

    @admin.display(description=_("rate"), ordering="user__rate")
    def rate(self, entry: Entry) -> int:
        return entry.user.rate

    @service_action(_("Take out of the queue"))
    def remove(self, entry: Entry, **fields: Any) -> None:
        """A player who has been matched meanwhile stays in the match."""
        services.entry_remove(user_id=entry.user_id)
