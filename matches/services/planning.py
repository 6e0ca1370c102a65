"""Seasons that have not begun."""

from django.db import transaction

from matches.models import Season
from users.errors import Conflict


@transaction.atomic
def season_delete(*, season: Season) -> None:
    """Delete a planned season; one that has begun leaves traces and stays.

    Args:
        season: the season.

    Raises:
        Conflict: `season_begun`.
    """
    locked = Season.objects.select_for_update().filter(pk=season.pk).first()
    if locked is None:
        return
    if locked.state != Season.State.PLANNED:
        raise Conflict("This season has begun; it can be closed.", "season_begun")
    locked.delete()
