"""The locks that the services of this application take. `matches.services` tells their order."""

from collections.abc import Iterable

from matches.models import Match, Seat
from users.errors import Forbidden, NotFound
from users.ids import is_public_id
from users.models import User


def lock_match(match_id: str) -> Match:
    """Lock a match until the end of the transaction.

    Raises:
        NotFound: there is no such match.
    """
    match = Match.objects.select_for_update(no_key=True).filter(pk=match_id).first() if is_public_id(match_id) else None
    if match is None:
        raise NotFound("There is no such match.")
    return match


def lock_users(user_ids: Iterable[str]) -> dict[str, User]:
    """Lock accounts in the order of their ids until the end of the transaction.

    Returns:
        {user id: account}, without ids that do not exist.
    """
    users = User.objects.select_for_update(no_key=True).filter(pk__in=list(user_ids)).order_by("user_id")
    return {user.user_id: user for user in users}


def seat_of(match: Match, user_id: str) -> Seat:
    """The player's seat in the match.

    Raises:
        Forbidden: `not_player`.
    """
    seat = match.seats.filter(user_id=user_id).first()
    if seat is None:
        raise Forbidden("You are not a player of this match.", "not_player")
    return seat
