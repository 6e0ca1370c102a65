"""The audit log of staff, and the house rules."""

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from staff.hours import check_hours

MOST_SECONDS = 24 * 60 * 60
LONGEST_REASON = 200
"""Characters of the reason for a write."""


class AuditEntry(models.Model):
    """One write by staff: actor, action, object, reason and changes. Entries are never changed.

    Actor and object are kept as public ids and not as foreign keys, since the entry outlives both. Only
    the actor's name is removed, when that account is deleted.
    """

    made_at = models.DateTimeField(default=timezone.now)
    actor_id = models.CharField(max_length=16, help_text="The public id of who did it.")
    actor_name = models.CharField(
        max_length=50, blank=True, help_text="As it was then; empty once the account is deleted."
    )
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=40, help_text="What it was done to, such as matches.match.")
    object_id = models.CharField(max_length=40)
    reason = models.CharField(max_length=LONGEST_REASON)
    changes = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text='{"field": [before, after]}; personal data is not in it.'
    )

    class Meta:
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"
        ordering = ("-pk",)
        indexes = (models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),)

    def __str__(self) -> str:
        return f"{self.action} ({self.actor_name or self.actor_id})"


def _limit(what: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(10), MaxValueValidator(MOST_SECONDS)],
        help_text=f"Seconds {what} Empty: as the service comes. It holds for what begins from now on.",
    )


class HouseRules(models.Model):
    """The rules and announcements in each language, time limits and opening hours. There is one row.

    An empty field means the default of the service or of its environment.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    rules_ja = models.TextField("rules (Japanese)", max_length=5000, blank=True)
    rules_en = models.TextField("rules (English)", max_length=5000, blank=True)
    announcement_ja = models.CharField("announcement (Japanese)", max_length=300, blank=True)
    announcement_en = models.CharField("announcement (English)", max_length=300, blank=True)
    announcement_until = models.DateTimeField(null=True, blank=True, help_text="Shown until then; always, if empty.")
    lobby = _limit("for the host to name a lobby.")
    joining = _limit("for the players to enter the lobby.")
    report_grace = _limit("for the last reports, once there are seven.")
    match = _limit("after which a match is decided with the reports there are.")
    match_hours = models.CharField(
        max_length=20,
        blank=True,
        validators=[check_hours],
        help_text="When players may queue, such as 14:00-02:00 in Japan's time, or “always”. Empty: MATCH_HOURS.",
    )
    version = models.PositiveIntegerField(default=0, editable=False, help_text="Rises with each change.")

    class Meta:
        verbose_name_plural = "house rules"
        constraints = (models.CheckConstraint(condition=Q(id=1), name="house_rules_one_row"),)
        # Permissions beside those of the models.
        permissions = (
            ("see_personal_data", "Can see subject, e-mail and Discord id of accounts"),
            ("give_roles", "Can make accounts organisers and administrators"),
        )

    def __str__(self) -> str:
        return capfirst(str(self._meta.verbose_name_plural))
