"""What of streams need not be kept for ever."""

from datetime import datetime

from realtime.models import PublishedState


def ended_streams_forget(*, before: datetime) -> int:
    """Forget the positions of streams that ended before a time.

    Nobody is left who follows such a stream: its owner's connections are closed. Should it begin again, it
    does so under a new epoch. Streams that go on keep their heads, however long nothing has changed in them.

    Args:
        before: the time.

    Returns:
        How many there were.
    """
    return PublishedState.objects.filter(document__isnull=True, published_at__lt=before).delete()[0]
