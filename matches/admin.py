"""Matches and seasons in the admin.

Open matches are decided or voided, results are corrected, seasons are planned, opened and closed.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import APIException

from matches import services
from matches.models import Match, RatingChange, Report, Result, Season, SeasonRank, Seat


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
    fields = (
        "team",
        "role",
        "user",
        "is_open",
        "reported",
        "lobby_misses",
        "missing",
        "rate_before",
        "rate_after",
        "rate_delta",
    )
    readonly_fields = ("reported", "missing")
    ordering = ("team", "role")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        """With the reports and marks, in one query."""
        seats = super().get_queryset(request).select_related("user", "report")
        return seats.annotate(said_missing=Count("missing_marks"))

    @admin.display(description="report")
    def reported(self, seat: Seat) -> str:
        """What the player says came out."""
        return seat.report.result if hasattr(seat, "report") else "–"

    @admin.display(description="missing, say")
    def missing(self, seat: Any) -> int:
        """How many say that the player has not come to the lobby."""
        return int(seat.said_missing)


@admin.register(Match)
class MatchAdmin(ReadOnly, admin.ModelAdmin):
    """Matches are closed, and results corrected, through the services, by the actions here."""

    list_display = ("match_id", "phase", "matched_at", "deadline", "host", "lobby_id", "voice_channel", "result")
    list_filter = ("status", "phase", "result")
    list_select_related = ("host",)
    search_fields = ("match_id", "lobby_id", "seats__user__user_id", "seats__user__trainer_name")
    date_hierarchy = "matched_at"
    inlines = (SeatInline,)
    actions = ("decide", "void", "correct_a", "correct_b", "correct_invalid")

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

    @admin.action(description="Correct the result: team A has won", permissions=["close"])
    def correct_a(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Let team A have won the chosen matches that are done; ratings are counted anew."""
        self._correct(request, queryset, Result.A_WIN)

    @admin.action(description="Correct the result: team B has won", permissions=["close"])
    def correct_b(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Let team B have won them."""
        self._correct(request, queryset, Result.B_WIN)

    @admin.action(description="Correct the result: invalid", permissions=["close"])
    def correct_invalid(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Let nobody have won them."""
        self._correct(request, queryset, Result.INVALID)

    def _correct(self, request: HttpRequest, queryset: QuerySet[Match], result: str) -> None:
        for match in queryset:
            try:
                services.match_correct_result(match_id=match.match_id, result=result)
            except APIException as refusal:
                self.message_user(request, f"{match.match_id}: {refusal.detail}", messages.WARNING)
            else:
                self.log_change(request, match, f"Result corrected from {match.result} to {result}")
                self.message_user(request, f"{match.match_id}: {result}", messages.SUCCESS)

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Whoever has been given the right to change matches."""
        return request.user.has_perm("matches.change_match")


@admin.register(RatingChange)
class RatingChangeAdmin(ReadOnly, admin.ModelAdmin):
    """The journal of ratings."""

    list_display = (
        "user", "match", "season", "made_at", "rate_before", "rate_after", "mean_after", "deviation_after", "system"
    )  # fmt: skip
    list_filter = ("system", "season")
    list_select_related = ("user", "match", "season")
    search_fields = ("match__match_id", "user__user_id", "user__trainer_name")
    ordering = ("-pk",)


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
    """A planned season opens and closes by itself while a matchmaker runs. Joining is refused between seasons."""

    list_display = ("name", "state", "starts_at", "ends_at")
    readonly_fields = ("state",)
    actions = ("open", "close")

    def has_change_permission(self, request: HttpRequest, obj: Season | None = None) -> bool:
        """What is over stays as it was."""
        over = obj is not None and obj.state == Season.State.CLOSED
        return super().has_change_permission(request, obj) and not over

    def has_delete_permission(self, request: HttpRequest, obj: Season | None = None) -> bool:
        """Only what has not begun goes without a trace."""
        begun = obj is not None and obj.state != Season.State.PLANNED
        return super().has_delete_permission(request, obj) and not begun

    def get_actions(self, request: HttpRequest) -> dict:
        """Not many at once: that would ask nobody whether each may be deleted."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description="Open now", permissions=["change"])
    def open(self, request: HttpRequest, queryset: QuerySet[Season]) -> None:
        """Begin the chosen season; after the first, ratings are drawn half-way to the start."""
        self._each(request, queryset, lambda season: services.season_open(season=season))

    @admin.action(description="End and close now", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Season]) -> None:
        """End the chosen season; it is closed once no match is open."""
        self._each(request, queryset, lambda season: services.season_close(season=season))

    def _each(self, request: HttpRequest, queryset: QuerySet[Season], act: Callable[[Season], Season]) -> None:
        for season in queryset:
            try:
                season = act(season)
            except APIException as refusal:
                self.message_user(request, f"{season}: {refusal.detail}", messages.WARNING)
            else:
                self.log_change(request, season, f"{season.state}, {season.starts_at} to {season.ends_at}")
                self.message_user(request, f"{season}: {season.get_state_display()}", messages.SUCCESS)


@admin.register(SeasonRank)
class SeasonRankAdmin(ReadOnly, admin.ModelAdmin):
    """The final ranks."""

    list_display = ("season", "rank", "trainer_name", "user", "rate", "match_count", "win_count")
    list_filter = ("season",)
    list_select_related = ("season", "user")
    search_fields = ("user__user_id", "trainer_name")
