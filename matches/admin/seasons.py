from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from matches import services
from matches.models import Season
from staff.admin import AuditedAdmin, ReadOnlyAdmin, service_action


class SeasonAdmin(AuditedAdmin):
    """Planned seasons open and close by themselves while a matchmaker runs. Between seasons nobody can join."""

    list_display = ("name", "state", "starts_at", "ends_at")
    readonly_fields = ("state",)
    actions = ("open", "close", "delete")

    def has_change_permission(self, request: HttpRequest, obj: Season | None = None) -> bool:
        """A closed season cannot be changed."""
        over = obj is not None and obj.state == Season.State.CLOSED
        return super().has_change_permission(request, obj) and not over

    @service_action(_("Open now"))
    def open(self, season: Season, **fields: Any) -> None:
        """Open the season. Every season but the first begins with a soft reset of ratings."""
        services.season_open(season=season)

    @service_action(_("End and close now"))
    def close(self, season: Season, **fields: Any) -> None:
        """End the season. It is closed once no match is open."""
        services.season_close(season=season)

    @service_action(_("Delete a planned season"))
    def delete(self, season: Season, **fields: Any) -> None:
        services.season_delete(season=season)


class SeasonRankAdmin(ReadOnlyAdmin):
    list_display = ("season", "rank", "trainer_name", "user", "rate", "match_count", "win_count")
    list_filter = ("season",)
    list_select_related = ("season", "user")
    search_fields = ("user__user_id", "trainer_name")
