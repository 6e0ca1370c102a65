from datetime import datetime

from matches.models import Report


def violations_forget(*, before: datetime) -> int:
    """Forget who was reported for misconduct in matches that were closed before a time. Reported results stay.

    Penalty points stay, since they are rows of their own. Badges are given as if nobody had been reported.

    Args:
        before: the time.

    Returns:
        How many reports had violations.
    """
    naming = Report.objects.filter(match__closed_at__lt=before).exclude(violations=[])
    return naming.update(violations=[])
