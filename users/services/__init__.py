"""Every write to accounts, badges and penalties, by subject."""

from users.services.accounts import (
    LONGEST_AVATAR_URL,
    MOST_BLOCKED,
    discord_update,
    profile_update,
    user_ban,
    user_unban,
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
from users.services.deletion import account_delete, former_accounts_forget, penalties_prune
from users.services.notices import notice_give
from users.services.penalties import penalty_for_misconduct, penalty_give, penalty_lift, penalty_work_off
from users.services.signing_in import NAMELESS, user_from_claims, users_from_claims

__all__ = [
    "LONGEST_AVATAR_URL",
    "MOST_BLOCKED",
    "MOST_WORN",
    "NAMELESS",
    "account_delete",
    "badge_define",
    "badge_delete",
    "badge_grant",
    "badge_revoke",
    "badges_equip",
    "badges_grant",
    "discord_update",
    "former_accounts_forget",
    "notice_give",
    "penalties_prune",
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
