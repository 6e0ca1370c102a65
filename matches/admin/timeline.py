"""The timeline of a match."""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext

from matches.models import Match, MatchEvent
from users.times import span


class Moment(NamedTuple):
    """One line of a timeline.

    Attributes:
        at: when it happened.
        after: how long after the match was made, in words.
        what: what happened, in words.
        player: the name of the player it is about, or empty.
    """

    at: datetime
    after: str
    what: str
    player: str


def timeline(match: Match) -> list[Moment]:
    """All that has happened in a match, in order, from being matched to being closed."""

    def moment(at: datetime, what: str, player: object = "") -> Moment:
        return Moment(at, span(at - match.matched_at), what, str(player))

    moments = [moment(match.matched_at, gettext("matched"))]  # the choice of the host is the first event
    for event in match.events.exclude(kind=MatchEvent.Kind.SEEN).select_related("user"):
        what = gettext("lobby %s") % event.lobby_id if event.kind == MatchEvent.Kind.LOBBY else event.get_kind_display()
        moments.append(moment(event.happened_at, what, event.user or ""))
    for mark in match.missing_marks.select_related("seat__user", "by__user"):
        moments.append(moment(mark.marked_at, gettext("marked as missing by %s") % mark.by.user, mark.seat.user))
    for report in match.reports.select_related("seat__user"):
        what = gettext("reported %s") % report.get_result_display()
        if report.violations:
            what = gettext("%(reported)s, names %(number)d for misconduct") % {
                "reported": what,
                "number": len(report.violations),
            }
        moments.append(moment(report.reported_at, what, report.seat.user))
    if match.closed_at:
        moments.append(moment(match.closed_at, gettext("closed: %s") % match.get_result_display()))
    return sorted(moments, key=attrgetter("at"))
