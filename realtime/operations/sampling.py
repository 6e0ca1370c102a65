"""Taking a sample of the figures: a row every five seconds, while somebody looks, and none twice."""

from datetime import datetime

from django.db import transaction

from realtime.models import Sample
from realtime.operations.views import cumulative, point
from realtime.telemetry import multiprocess
from realtime.telemetry.collecting import collect

INTERVAL = 5
"""Seconds of a slot; a slot has one sample at most."""
KEPT = 60
"""Slots that are kept: five minutes."""
NEAR = 2
"""Slots after which a sample is too old to subtract from, and another machine may go on."""


def sample_if_due(now: datetime) -> bool:
    """Take a sample unless the present slot has one.

    Counters and histograms are of a machine, so as long as one machine takes samples no other does.
    The slot is the row's key: of several processes that find it empty one writes it.

    Args:
        now: the present time.

    Returns:
        Whether this call has written one.
    """
    slot = int(now.timestamp()) // INTERVAL
    # A clock may be ahead of this one by a slot; what is further ahead comes of one that was wrong.
    before = Sample.objects.filter(slot__range=(slot - NEAR, slot + 1)).order_by("-slot").first()
    seconds = 0.0
    if before is not None:
        seconds = (now - before.taken_at).total_seconds()
        if before.slot >= slot or before.machine != multiprocess.machine() or seconds < INTERVAL / 2:
            return False
    metrics = collect()
    counted = cumulative(metrics)
    fields = {
        "taken_at": now,
        "machine": multiprocess.machine(),
        "point": point(metrics, counted, before.cumulative if before is not None else None, seconds),
        "cumulative": counted,
    }
    with transaction.atomic():
        _, is_ours = Sample.objects.get_or_create(slot=slot, defaults=fields)
        if is_ours:
            Sample.objects.exclude(slot__range=(slot - KEPT + 1, slot + 1)).delete()
    return is_ours
