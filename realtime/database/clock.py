"""What time it is by the database's clock, which is one for all hosts.

What several processes must agree on (leases, what was published when) the database says itself, in SQL. What a
process decides alone goes by its host's clock, put right by what `measure_offset` has found: so a host whose clock is
wrong neither ends sessions early nor lets them last. `/readyz` names such a host.
"""

import time as host
from datetime import UTC, datetime

from django.db import connection

TOLERANCE = 1.0
"""Seconds by which the clocks may differ without anything being put right."""
MAX_ROUND_TRIP = 1.0
"""Seconds within which the database must have answered, for the answer to say something about the time."""

_offset = 0.0


def measure_offset() -> tuple[float, float]:
    """Ask the database what time it is, and remember by how much its clock is offset of this host's.

    Returns:
        That, in seconds, and by how many seconds it may be wrong.
    """
    global _offset
    if connection.vendor != "postgresql":
        return 0.0, 0.0  # it is this host's
    began, at = host.monotonic(), host.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (theirs,) = cursor.fetchone()
    took = host.monotonic() - began
    offset = theirs - (at + took / 2)
    if took <= MAX_ROUND_TRIP:
        _offset = offset
    return offset, took / 2


def time() -> float:
    """The present time, in Unix seconds."""
    return host.time() + (_offset if abs(_offset) > TOLERANCE else 0.0)


def now() -> datetime:
    """The present time, in UTC."""
    return datetime.fromtimestamp(time(), UTC)
