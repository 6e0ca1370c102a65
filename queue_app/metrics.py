"""What is measured of the queue."""

from queue_app.models import Entry
from realtime.telemetry.declare import reading


@reading("unitemate_queue_waiting", "Players who wait in the queue.")
def waiting() -> float:
    """See its help."""
    return float(Entry.objects.count())
