"""Choosing the host of a match."""

from collections.abc import Mapping
from datetime import datetime

from matches import selectors
from users.models import User


def choose_host(users: Mapping[str, User], queued_at: Mapping[str, datetime]) -> User:
    """Prefer players who are online, then those who have played most, then those who have waited longest.

    Args:
        users: the candidates by id, at least one.
        queued_at: when each of them began to wait.
    """
    online = selectors.online(users)
    return min(
        users.values(),
        key=lambda user: (user.user_id not in online, -user.match_count, queued_at[user.user_id], user.user_id),
    )
