"""What has happened in a match, in order."""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from matches.models import Match, MatchEvent
from users.times import span


class Moment(NamedTuple):
    """One line of a timeline.

    Attributes:
        at: when.
        after: how long after the match was made, for people.
        what: in words.
        who: the name of the player it is about, or empty.
    """

    at: datetime
    after: str
    what: str
    who: str


def timeline(match: Match) -> list[Moment]:
    """From being matched to being closed."""

    def moment(at: datetime, what: str, who: object = "") -> Moment:
        return Moment(at, span(at - match.matched_at), what, str(who))

    moments = [moment(match.matched_at, "matched")]  # and the first event is its host
    for event in match.events.select_related("user"):
        what = f"lobby {event.lobby_id}" if event.kind == MatchEvent.Kind.LOBBY else event.get_kind_display()
        moments.append(moment(event.happened_at, what, event.user or ""))
    for mark in match.missing_marks.select_related("seat__user", "by__user"):
        moments.append(moment(mark.marked_at, f"is missing, says {mark.by.user}", mark.seat.user))
    for report in match.reports.select_related("seat__user"):
        accused = f", names {len(report.violations)} for misconduct" if report.violations else ""
        moments.append(moment(report.reported_at, f"reported {report.result}{accused}", report.seat.user))
    if match.closed_at:
        moments.append(moment(match.closed_at, f"closed: {match.result}"))
    return sorted(moments, key=attrgetter("at"))
