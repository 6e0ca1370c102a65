"""Accounts, badges and penalties for staff. A form never overwrites what players and matches write meanwhile."""

from django.contrib import admin

from staff.private import keep_private
from users.admin.accounts import UserAdmin
from users.admin.badges import BadgeAdmin
from users.admin.penalties import PenaltyAdmin
from users.models import Badge, Penalty, User

admin.site.register(User, UserAdmin)
admin.site.register(Badge, BadgeAdmin)
admin.site.register(Penalty, PenaltyAdmin)

keep_private(
    User,
    *("subject", "discord_id", "email", "password", "last_login", "blocked_user_ids", "former_digest", "notice"),
    *("trainer_name", "bio", "twitter_id", "discord_username", "discord_avatar_url"),
)
