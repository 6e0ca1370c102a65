from django.db import transaction

from matches.models import Season
from users.errors import Conflict


@transaction.atomic
def season_delete(*, season: Season) -> None:
    """Delete a planned season.

    Args:
        season: the season. One that is gone already is no error.

    Raises:
        Conflict: `season_begun` if it has begun: its ranks and journal lines stay.
    """
    locked = Season.objects.select_for_update().filter(pk=season.pk).first()
    if locked is None:
        return
    if locked.state != Season.State.PLANNED:
        raise Conflict("This season has begun. It can be closed, but not deleted.", "season_begun")
    locked.delete()
