"""The personal data that the queue keeps: exporting it, and deleting it with the account."""

from datetime import datetime

from rest_framework import serializers

from queue_app.models import Entry
from queue_app.services import entry_delete
from users.models import User
from users.personal import exports, forgets
from users.roles import ROLES


class ExportedEntry(serializers.ModelSerializer):
    """The player's place in the queue."""

    selected_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Best first.")

    class Meta:
        model = Entry
        fields = ("selected_roles", "queued_at")


@exports("queue", ExportedEntry)
def entry(user: User) -> Entry | None:
    return Entry.objects.filter(user=user).first()


@forgets
def leave(user: User, now: datetime) -> None:
    """Take the player out of the queue.

    Raises:
        Conflict: `in_match`.
    """
    entry_delete(user_id=user.user_id, now=now)
