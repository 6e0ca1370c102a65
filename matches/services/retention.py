"""What of finished matches need not be kept for ever."""

from datetime import datetime

from matches.models import Report


def violations_forget(*, before: datetime) -> int:
    """Forget who named whom for misconduct in matches that were closed before a time; what they reported stays.

    Points that came of it are rows of their own. For badges it is as if nobody had been named.

    Args:
        before: the time.

    Returns:
        How many reports named somebody.
    """
    naming = Report.objects.filter(match__closed_at__lt=before).exclude(violations=[])
    return naming.update(violations=[])
