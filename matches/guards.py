"""A match keeps its players out of the queue until they have reported it or it is done."""

from matches.models import Seat
from queue_app.guards import guard
from users.errors import Conflict


@guard
def not_in_match(user_id: str) -> None:
    """Refuse joins and leaves of a player with an open seat.

    Raises:
        Conflict: `in_match`.
    """
    if Seat.objects.filter(user_id=user_id, is_open=True).exists():
        raise Conflict("You are in a match; report it first.", "in_match")
