from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from matches.models import Report
from staff.admin import ReadOnlyAdmin


class ReportAdmin(ReadOnlyAdmin):
    """Reports, for looking into misconduct."""

    list_display = ("match", "reporter", "result", "reason", "named", "reported_at")
    list_filter = ("result",)
    list_select_related = ("match", "seat__user")
    search_fields = ("match__match_id", "seat__user__user_id", "seat__user__trainer_name")

    @admin.display(description=_("violations"))
    def named(self, report: Report) -> str:
        """The public ids of the reported players."""
        return ", ".join(report.violations) or "–"

    @admin.display(description=_("by"))
    def reporter(self, report: Report) -> str:
        return str(report.seat.user)
