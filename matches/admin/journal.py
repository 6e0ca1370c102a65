"""The journal of ratings in the admin."""

from staff.admin import ReadOnlyAdmin


class RatingChangeAdmin(ReadOnlyAdmin):
    """What each match, and each opening of a season, made of a player's rating."""

    list_display = (
        "user", "match", "season", "made_at", "rate_before", "rate_after", "mean_after", "deviation_after", "system"
    )  # fmt: skip
    list_filter = ("system", "season")
    list_select_related = ("user", "match", "season")
    search_fields = ("match__match_id", "user__user_id", "user__trainer_name")
    ordering = ("-pk",)
