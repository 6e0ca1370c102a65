"""Matches in the admin: to look at, and to decide or void the open ones."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import APIException

from matches import services
from matches.models import Match, Report, Result, Season, Seat


class ReadOnly:
    """Rows that come about by play alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class SeatInline(ReadOnly, admin.TabularInline):
    """The ten, with what each reported."""

    model = Seat
    fields = ("team", "role", "user", "is_open", "reported", "rate_before", "rate_after", "rate_delta")
    readonly_fields = ("reported",)
    ordering = ("team", "role")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        """With the reports, in one query."""
        return super().get_queryset(request).select_related("user", "report")

    @admin.display(description="report")
    def reported(self, seat: Seat) -> str:
        """What the player says came out."""
        return seat.report.result if hasattr(seat, "report") else "–"


@admin.register(Match)
class MatchAdmin(ReadOnly, admin.ModelAdmin):
    """Open matches are closed through the services, by the actions here."""

    list_display = ("match_id", "phase", "matched_at", "deadline", "host", "lobby_id", "voice_channel", "result")
    list_filter = ("status", "phase", "result")
    list_select_related = ("host",)
    search_fields = ("match_id", "lobby_id", "seats__user__user_id", "seats__user__trainer_name")
    date_hierarchy = "matched_at"
    inlines = (SeatInline,)
    actions = ("decide", "void")

    @admin.action(description="Decide with the present reports", permissions=["close"])
    def decide(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Close the chosen open matches without waiting for further reports."""
        for match in queryset:
            services.match_decide(match_id=match.match_id, at_once=True)

    @admin.action(description="Void", permissions=["close"])
    def void(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Close the chosen open matches as invalid."""
        for match in queryset:
            try:
                services.match_close(match_id=match.match_id, result=Result.INVALID)
            except APIException as refusal:
                self.message_user(request, f"{match.match_id}: {refusal.detail}", messages.WARNING)

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whoever has been given the right to change matches."""
        return request.user.has_perm("matches.change_match")


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):
    """What was reported, for looking into misconduct."""

    list_display = ("match", "reporter", "result", "violations", "reported_at")
    list_filter = ("result",)
    list_select_related = ("match", "seat__user")
    search_fields = ("match__match_id", "seat__user__user_id", "seat__user__trainer_name")

    @admin.display(description="by")
    def reporter(self, report: Report) -> str:
        """Who says so."""
        return str(report.seat.user)


@admin.register(Season)
class SeasonAdmin(admin.ModelAdmin):
    """Seasons are planned here."""

    list_display = ("name", "starts_at", "ends_at")
