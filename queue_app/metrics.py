"""The metrics of the queue."""

from django.db.models import Min
from django.utils import timezone

from queue_app.models import Entry
from realtime.operations import views
from realtime.telemetry.instruments import observable_gauge


@observable_gauge("unitemate_queue_waiting", "Players who wait in the queue.")
def waiting() -> float:
    return float(Entry.objects.count())


@observable_gauge("unitemate_queue_longest_wait_seconds", "How long the player has waited who waits longest.")
def longest_wait() -> float:
    oldest = Entry.objects.aggregate(oldest=Min("queued_at"))["oldest"]
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest is not None else 0.0


views.level("waiting", "unitemate_queue_waiting")
views.level("longest_wait", "unitemate_queue_longest_wait_seconds")
