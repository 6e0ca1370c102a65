"""Every write to accounts, badges and penalties, by subject."""

from users.services.accounts import (
    LONGEST_AVATAR_URL,
    MOST_BLOCKED,
    NAMELESS,
    discord_update,
    profile_update,
    user_ban,
    user_from_claims,
    user_unban,
    users_from_claims,
)
from users.services.badges import (
    MOST_WORN,
    badge_define,
    badge_delete,
    badge_grant,
    badge_revoke,
    badges_equip,
    badges_grant,
)
from users.services.penalties import penalty_for_misconduct, penalty_give, penalty_lift, penalty_work_off

__all__ = [
    "LONGEST_AVATAR_URL",
    "MOST_BLOCKED",
    "MOST_WORN",
    "NAMELESS",
    "badge_define",
    "badge_delete",
    "badge_grant",
    "badge_revoke",
    "badges_equip",
    "badges_grant",
    "discord_update",
    "penalty_for_misconduct",
    "penalty_give",
    "penalty_lift",
    "penalty_work_off",
    "profile_update",
    "user_ban",
    "user_from_claims",
    "user_unban",
    "users_from_claims",
]
