"""The time by the database's clock, which is the same for all hosts.

Times that several processes must agree on (leases, publication times) are made by the database itself, in SQL.
For what a process decides alone, it uses its host's clock, corrected by the offset that `measure_offset` has found. So
a host whose clock is wrong does not end sessions early or late. `/readyz` reports such a host.
"""

import time as host
from datetime import UTC, datetime

from django.db import connection

TOLERANCE = 1.0
"""Offset in seconds up to which nothing is corrected."""
MAX_ROUND_TRIP = 1.0
"""Seconds that a measurement may take. A slower one is too imprecise to be used."""

_offset = 0.0


def measure_offset() -> tuple[float, float]:
    """Ask the database for its time, and remember the offset of its clock from this host's.

    Returns:
        The offset in seconds, positive if the database is ahead, and its possible error in seconds.
    """
    global _offset
    if connection.vendor != "postgresql":
        return 0.0, 0.0  # SQLite uses this host's clock
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
    """The present time in Unix seconds, corrected."""
    return host.time() + (_offset if abs(_offset) > TOLERANCE else 0.0)


def now() -> datetime:
    """The present time in UTC, corrected."""
    return datetime.fromtimestamp(time(), UTC)
