"""Accounts, badges and penalties for staff. What players and matches write meanwhile is never saved over."""

from staff.private import keep_private
from users.admin import accounts, badges, penalties  # noqa: F401  (register their pages)
from users.models import User

keep_private(
    User,
    *("subject", "discord_id", "email", "password", "last_login", "blocked_user_ids", "former_digest", "notice"),
    *("trainer_name", "bio", "twitter_id", "discord_username", "discord_avatar_url"),
)
