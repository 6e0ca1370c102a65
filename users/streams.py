"""The `user` stream: a player's own account, to that player alone."""

from realtime import streams, triggers
from users.models import OwnedBadge, Penalty, User

USER = streams.declare("user", snapshot="userInfo", update="user_update", audience=streams.Audience.OWNER)

triggers.watch(User, "user_{user_id}")
triggers.watch(OwnedBadge, "user_{user_id}")
triggers.watch(Penalty, "user_{user_id}")
