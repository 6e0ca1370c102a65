"""Seasons in the admin."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from matches import services
from matches.models import Season
from staff.admin import AuditedAdmin, ReadOnlyAdmin, service_action


class SeasonAdmin(AuditedAdmin):
    """A planned season opens and closes by itself while a matchmaker runs. Joining is refused between seasons."""

    list_display = ("name", "state", "starts_at", "ends_at")
    readonly_fields = ("state",)
    actions = ("open", "close", "delete")

    def has_change_permission(self, request: HttpRequest, obj: Season | None = None) -> bool:
        """What is over stays as it was."""
        over = obj is not None and obj.state == Season.State.CLOSED
        return super().has_change_permission(request, obj) and not over

    @service_action(_("Open now"))
    def open(self, season: Season, **fields: Any) -> None:
        """Begin the chosen season; after the first, ratings are drawn half-way to the start."""
        services.season_open(season=season)

    @service_action(_("End and close now"))
    def close(self, season: Season, **fields: Any) -> None:
        """End the chosen season; it is closed once no match is open."""
        services.season_close(season=season)

    @service_action(_("Delete a planned season"))
    def delete(self, season: Season, **fields: Any) -> None:
        """Only a planned one goes without a trace."""
        services.season_delete(season=season)


class SeasonRankAdmin(ReadOnlyAdmin):
    """The final ranks."""

    list_display = ("season", "rank", "trainer_name", "user", "rate", "match_count", "win_count")
    list_filter = ("season",)
    list_select_related = ("season", "user")
    search_fields = ("user__user_id", "trainer_name")
