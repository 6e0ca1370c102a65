"""Who is to be the host."""

from collections.abc import Mapping
from datetime import datetime

from matches import selectors
from users.models import User


def choose_host(users: Mapping[str, User], queued_at: Mapping[str, datetime]) -> User:
    """Who is online comes first, then who has played most, then who has waited longest.

    Args:
        users: those to choose from, at least one, by id.
        queued_at: since when each of them had waited.
    """
    online = selectors.online(users)
    return min(
        users.values(),
        key=lambda user: (user.user_id not in online, -user.match_count, queued_at[user.user_id], user.user_id),
    )
