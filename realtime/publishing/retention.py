"""Deleting published states that nobody needs any more."""

from datetime import datetime

from realtime.models import PublishedState


def ended_streams_forget(*, before: datetime) -> int:
    """Delete the published states of streams that ended before a time.

    An ended stream has no members: its owner's connections are closed. If it begins again, it has a new epoch.
    Streams that have not ended are kept, however long ago they changed.

    Args:
        before: the time.

    Returns:
        How many were deleted.
    """
    return PublishedState.objects.filter(document__isnull=True, published_at__lt=before).delete()[0]
