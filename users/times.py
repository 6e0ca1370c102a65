"""How times are written in everything that leaves the server."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """The time as RFC 3339 in UTC, such as `2026-01-31T18:05:09.250000Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
