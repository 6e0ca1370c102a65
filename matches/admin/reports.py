"""Reports in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from matches.models import Report
from staff.admin import ReadOnlyAdmin


class ReportAdmin(ReadOnlyAdmin):
    """What was reported, for looking into misconduct."""

    list_display = ("match", "reporter", "result", "reason", "named", "reported_at")
    list_filter = ("result",)
    list_select_related = ("match", "seat__user")
    search_fields = ("match__match_id", "seat__user__user_id", "seat__user__trainer_name")

    @admin.display(description=_("violations"))
    def named(self, report: Report) -> str:
        """The public ids of who is named."""
        return ", ".join(report.violations) or "–"

    @admin.display(description=_("by"))
    def reporter(self, report: Report) -> str:
        """Who says so."""
        return str(report.seat.user)
