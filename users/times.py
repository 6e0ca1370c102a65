"""How times are written in everything that leaves the server."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext


def rfc3339(moment: datetime) -> str:
    """The time as RFC 3339 in UTC, such as `2026-01-31T18:05:09.250000Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def span(length: timedelta) -> str:
    """A length of time for people, in their language, such as `3 min 05 s` or `2 h 00 min`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 3600:
        return gettext("%(minutes)d min %(seconds)02d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    return gettext("%(hours)d h %(minutes)02d min") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
