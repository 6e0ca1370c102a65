"""Taking samples of the metrics: at most one row for each five seconds."""

from datetime import datetime

from django.db import transaction

from realtime.models import Sample
from realtime.operations.views import cumulative, point
from realtime.telemetry import multiprocess
from realtime.telemetry.collecting import collect

INTERVAL = 5
"""Seconds of a slot. A slot has at most one sample."""
KEPT = 60
"""Slots whose samples are kept: five minutes."""
NEAR = 2
"""Slots after which a sample is too old to compare with, and another machine may take the next one."""


def sample_if_due(now: datetime) -> bool:
    """Take a sample unless the present slot has one.

    Counters and histograms are one machine's, so while one machine takes samples no other does. The slot is the
    row's key: of several processes that find the slot empty, one writes the row.

    Args:
        now: the present time.

    Returns:
        Whether this call has written a sample.
    """
    slot = int(now.timestamp()) // INTERVAL
    # Another host's clock may be ahead by a slot. A sample further ahead is from a clock that was wrong.
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
