"""Matches in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matches import selectors, services
from matches.admin.forms import LobbyForm, ReplacementForm, ResultForm, SeatedForm, VoidForm
from matches.admin.timeline import timeline
from matches.admin.voice import voice_channels
from matches.models import Match, Seat
from staff.admin import ReadOnly, ReadOnlyAdmin, service_action


class SeatInline(ReadOnly, admin.TabularInline):
    """The ten players, with what each has reported."""

    model = Seat
    fields = (
        "team",
        "role",
        "user",
        "reported",
        "lobby_misses",
        "missing",
        "rate_before",
        "rate_after",
        "rate_delta",
    )
    readonly_fields = ("reported", "missing")
    ordering = ("team", "role")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        seats = super().get_queryset(request).select_related("user", "report")
        return seats.annotate(said_missing=Count("missing_marks"))

    @admin.display(description=_("report"))
    def reported(self, seat: Seat) -> str:
        """The reported result, or whether the player may still report."""
        if hasattr(seat, "report"):
            return str(seat.report.get_result_display())
        return gettext("not yet") if seat.is_open else "–"

    @admin.display(description=_("marked as missing by"))
    def missing(self, seat: Any) -> int:
        """How many players have marked this one as missing."""
        return int(seat.said_missing)


class MatchAdmin(ReadOnlyAdmin):
    """Matches are changed and closed by actions, which call the services."""

    list_display = ("match_id", "phase", "matched_at", "deadline", "host", "lobby_id", "voice_channel", "result")
    list_filter = ("status", "phase", "result", ("voice_channel", admin.EmptyFieldListFilter))
    list_select_related = ("host",)
    search_fields = ("match_id", "lobby_id", "seats__user__user_id", "seats__user__trainer_name")
    date_hierarchy = "matched_at"
    inlines = (SeatInline,)
    change_list_template = "matches/match_list.html"
    detail_template = "matches/timeline.html"
    actions = ("set_host", "set_lobby", "replace", "decide", "close", "void", "correct")

    def may_act(self, request: HttpRequest, row: Match) -> bool:
        """Staff do not act on a match that they play in or have played in."""
        return not selectors.has_taken_part(str(request.user.pk), row)

    def detail(self, request: HttpRequest, obj: Match) -> dict[str, Any]:
        return {"timeline": timeline(obj)}

    def get_urls(self) -> list[Any]:
        """The usual addresses, and the page of voice channels."""
        return [path("voice/", self.admin_site.admin_view(self.voice), name="matches_voice"), *super().get_urls()]

    def voice(self, request: HttpRequest) -> HttpResponse:
        return voice_channels(self, request)

    @service_action(_("Set the host"), form=SeatedForm)
    def set_host(self, match: Match, *, player: Any, **fields: Any) -> None:
        services.match_assign_host(match_id=match.match_id, host_user_id=player.pk)

    @service_action(_("Set the lobby"), form=LobbyForm)
    def set_lobby(self, match: Match, *, lobby_id: str, **fields: Any) -> None:
        services.match_assign_lobby(match_id=match.match_id, lobby_id=lobby_id)

    @service_action(_("Replace a player"), form=ReplacementForm)
    def replace(self, match: Match, *, player: Any, replacement: str, **fields: Any) -> None:
        services.match_replace_player(match_id=match.match_id, user_id=player.pk, replacement_user_id=replacement)

    @service_action(_("Decide with the reports so far"))
    def decide(self, match: Match, **fields: Any) -> None:
        """Close the chosen open matches without waiting for further reports."""
        services.match_decide(match_id=match.match_id, time_up=True)

    @service_action(_("Close with a result"), form=ResultForm)
    def close(self, match: Match, *, result: str, **fields: Any) -> None:
        services.match_close(match_id=match.match_id, result=result)

    @service_action(_("Void"), form=VoidForm)
    def void(self, match: Match, *, put_back: bool, **fields: Any) -> None:
        """Close the chosen open matches as invalid."""
        services.match_void(match_id=match.match_id, put_back=put_back)

    @service_action(_("Correct the result"), form=ResultForm)
    def correct(self, match: Match, *, result: str, **fields: Any) -> None:
        """Correct the result of a match that is done, and replay the ratings that depend on it."""
        services.match_correct_result(match_id=match.match_id, result=result)
