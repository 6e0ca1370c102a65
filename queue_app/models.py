"""Who waits: one row for each player in the queue."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from users import fitting
from users.columns import JSONColumn


class Entry(models.Model):
    """A player waiting for a match. The primary key is the player: nobody waits twice."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    selected_roles = JSONColumn(help_text="Two to five roles, best first.", fitting=fitting.roles)
    # A round of matchmaking that read the entry before the change may still use these roles.
    roles_before = JSONColumn(null=True, editable=False, help_text="Before the last change.", fitting=fitting.roles)
    roles_changed_at = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "entries"
        ordering = ("queued_at", "user_id")
        indexes = (models.Index(fields=["queued_at", "user_id"], name="entry_oldest_first"),)

    def __str__(self) -> str:
        return str(self.user_id)

    def roles_with(self, role: str) -> list[str] | None:
        """The present roles, or those before the last change, whichever contain this role; None if neither do."""
        return next((roles for roles in (self.selected_roles, self.roles_before) if roles and role in roles), None)
