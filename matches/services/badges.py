"""Badges that players earn by playing, given when a match closes. `users.badges` has the catalogue.

Each rule is about all that a player has played. So applying it again does no harm, and a badge that is new to
the catalogue is given with the next match. Correcting a result takes no badge away.
"""

from collections.abc import Mapping
from datetime import datetime

from matches import selectors
from users.models import Badge, OwnedBadge, User
from users.roles import ROLES
from users.services import badges_grant

TEN, HUNDRED = 10, 100
RATE = 1600
LOBBIES = 10
FAIR_MATCHES = 50


def award_badges(users: Mapping[str, User], now: datetime) -> None:
    """Give the players of a match that was just decided the badges that they have earned.

    Args:
        users: its players by id, with their counts and ratings after the match.
        now: the time of closing.
    """
    owned = set(OwnedBadge.objects.filter(user__in=list(users)).values_list("badge_id", "user_id"))
    roles, lobbies = selectors.roles_played(users.keys()), selectors.lobbies_made(users.keys())
    for badge in Badge.objects.filter(pk__in=RULES):
        new = {
            user_id: user
            for user_id, user in users.items()
            if (badge.badge_id, user_id) not in owned
            and RULES[badge.badge_id](user, roles.get(user_id, 0), lobbies.get(user_id, 0))
        }
        badges_grant(badge=badge, user_ids=new, now=now)


RULES = {
    "first-match": lambda user, roles, lobbies: user.match_count > 0,
    "first-win": lambda user, roles, lobbies: user.win_count > 0,
    "ten-wins": lambda user, roles, lobbies: user.win_count >= TEN,
    "hundred-matches": lambda user, roles, lobbies: user.match_count >= HUNDRED,
    "rate-1600": lambda user, roles, lobbies: user.max_rate >= RATE,
    "all-rounder": lambda user, roles, lobbies: roles == len(ROLES),
    "good-host": lambda user, roles, lobbies: lobbies >= LOBBIES,
    "fair-play": lambda user, roles, lobbies: (
        user.match_count >= FAIR_MATCHES and selectors.matches_since_violation(user.pk) >= FAIR_MATCHES
    ),
}
"""{badge id: rule}, a function of the account, the number of roles played and the number of lobbies made."""
