"""Forms of the actions on accounts."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from staff.admin import ActionForm, Single
from staff.zone import IN_ZONE, NOT_BEFORE
from users.models import Badge, OwnedBadge


class PenaltyForm(ActionForm):
    """The points, and the reason that the player reads."""

    points = forms.IntegerField(min_value=1, max_value=100, initial=1, label=_("Points"))
    told = forms.CharField(max_length=200, label=_("What for"), help_text=_("The player reads it."))
    until = forms.SplitDateTimeField(
        required=False,
        validators=[NOT_BEFORE],
        widget=AdminSplitDateTime(),
        label=_("Until"),
        help_text=format_lazy("{} {}", _("No queueing before this time; empty for none."), IN_ZONE),
    )


class BadgeForm(ActionForm):
    """One badge of the catalogue."""

    badge = forms.ModelChoiceField(Badge.objects.all(), label=_("Badge"))


class OwnedBadgeForm(Single):
    """One badge that the player owns."""

    badge = forms.ModelChoiceField(Badge.objects.none(), label=_("Badge"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owned = OwnedBadge.objects.filter(user__in=self.rows).values("badge")
        self.fields["badge"].queryset = Badge.objects.filter(pk__in=owned)  # type: ignore[attr-defined]
