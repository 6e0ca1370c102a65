"""The result of a match from its players' reports. Pure: votes in, result out."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import TextChoices

QUORUM = 7
"""From this many reports on, the others are waited for only for `report_grace`."""

MIN_REPORTS = 3
"""With fewer reports than this a match is invalid."""

MIN_ONE_SIDED_REPORTS = 4
"""So many players of one team who agree may decide if nobody of the other team reports."""


class Result(TextChoices):
    A_WIN = "A-win"
    B_WIN = "B-win"
    INVALID = "invalid"


class Vote(NamedTuple):
    """One player's report.

    Attributes:
        team: the player's team.
        result: one of `Result`.
    """

    team: str
    result: str


def decide(votes: Sequence[Vote], *, seats: int = 10, time_up: bool = False) -> Result | None:
    """The result of a match, or None while it is undecided.

    A team has won if the reports for it outnumber all other reports together. If neither team has won, the match
    is invalid. The result is decided as soon as the outstanding reports can no longer change it, whatever they say
    and whether or not they come. When the time is up, it is decided with the reports so far. If these are too few
    (`too_few`), the match is then invalid, whatever they say.

    Args:
        votes: the reports so far, one a player.
        seats: how many players may report, half of them in each team.
        time_up: whether to decide with the reports so far.
    """
    # `too_few` matters only when the time is up. Before that a win takes more than half of all seats, and a team
    # has only half of them, so that reports which decide early come from both teams.
    if time_up and too_few(votes):
        return Result.INVALID
    count = Counter(vote.result for vote in votes)
    outstanding = 0 if time_up else seats - len(votes)
    could_win = []
    for team in (Result.A_WIN, Result.B_WIN):
        margin = 2 * count[team] - len(votes)  # reports for the team, less all other reports
        if margin - outstanding > 0:
            return team
        could_win.append(margin + outstanding > 0)
    return None if any(could_win) else Result.INVALID


def too_few(votes: Sequence[Vote]) -> bool:
    """Whether these reports are too few to decide by.

    Enough are three reports from both teams, or four from one team that all agree while the other team is silent.
    So nobody decides alone, and one team does not decide against the other.

    Args:
        votes: all reports when the time is up.
    """
    if len(votes) < MIN_REPORTS:
        return True
    one_sided = len({vote.team for vote in votes}) == 1
    agreed = len({vote.result for vote in votes}) == 1
    return one_sided and not (agreed and len(votes) >= MIN_ONE_SIDED_REPORTS)
