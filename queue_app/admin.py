"""The queue in the admin: to look at, and to take somebody out of."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import APIException

from queue_app import services
from queue_app.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    """Entries are made by joining alone; deleting one takes the player out of the queue."""

    list_display = ("user", "user_id", "selected_roles", "queued_at")
    list_select_related = ("user",)
    search_fields = ("user__user_id", "user__trainer_name")
    readonly_fields = ("user", "selected_roles", "queued_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody is queued from here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        """An entry's roles are its player's to choose."""
        return False

    def delete_model(self, request: HttpRequest, obj: Entry) -> None:
        """Take one player out; one who has been matched meanwhile stays in the match."""
        try:
            services.entry_delete(user_id=obj.user_id)
        except APIException as refusal:
            self.message_user(request, f"{obj.user_id}: {refusal.detail}", messages.WARNING)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> None:
        """Take several out."""
        for entry in queryset:
            self.delete_model(request, entry)
