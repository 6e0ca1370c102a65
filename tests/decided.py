"""What everybody may see of accounts and in lists; `tests/test_public.py` fails for what nobody has decided about.

Fields of projections are decided about where they are declared (`realtime.schemas`).
"""

COLUMNS = {
    "public": {
        *("user_id", "trainer_name", "bio", "twitter_id", "preferred_roles"),
        *("rate", "max_rate", "match_count", "win_count"),
    },
    "private": {
        *("subject", "email", "discord_id", "discord_username", "discord_avatar_url", "blocked_user_ids"),
        *("rating_mean", "rating_deviation", "last_rate_delta", "notice"),
        *("password", "last_login", "is_superuser", "is_staff", "is_active", "banned_at", "ban_reason"),
        *("created_at", "deleted_at", "former_digest", "tokens_from"),
    },
}
"""Columns of an account."""
LISTS = {
    "Ranked": {
        *("rank", "user_id", "trainer_name", "tag", "badges"),
        *("rate", "max_rate", "match_count", "win_count", "win_rate"),
    },
    "FinalRank": {"rank", "user_id", "trainer_name", "rate", "match_count", "win_count"},
    "Record": {
        *("match_id", "matched_at", "closed_at", "team", "role", "result", "outcome"),
        *("rate_before", "rate_after", "rate_delta"),
    },
    "RatingPoint": {"at", "rate", "match_id"},
    "BadgeEntry": {"id", "name", "earned_by", "look"},
    "SeasonEntry": {"id", "name", "starts_at", "ends_at"},
}
"""Fields of entries in lists that everybody may read, by the name in the OpenAPI document."""
