"""What the players' reports come to. Pure: votes in, result out."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import TextChoices

QUORUM = 7
"""From this many reports on, those still missing are given only a grace."""
FEWEST = 3
"""Reports without which nothing is decided but that the match is invalid."""
ALONE = 4
"""Of one team's five, so many who agree may decide while nobody of the other team says anything."""


class Result(TextChoices):
    A_WIN = "A-win"
    B_WIN = "B-win"
    INVALID = "invalid"


class Vote(NamedTuple):
    """One player's report.

    Attributes:
        team: of the player.
        result: one of `Result`.
    """

    team: str
    result: str


def decide(votes: Sequence[Vote], *, seats: int = 10, time_up: bool = False) -> Result | None:
    """The result of a match, or None while it is open.

    A team has won if the reports saying so outnumber those for the other team and those for an
    invalid match together; otherwise the match is invalid. That is settled once the reports still
    outstanding, however they turn out and even if they never come, cannot change it, or once
    the time is up. Then too few reports (`too_few`) make the match invalid whatever they say.

    Args:
        votes: what was reported, one a player.
        seats: how many may report, half of them in each team.
        time_up: whether to decide with what there is.
    """
    # Before the time is up a win takes more than half of all seats, which no team has alone. So `too_few` can
    # come true only once nothing is outstanding any more.
    if time_up and too_few(votes):
        return Result.INVALID
    count = Counter(vote.result for vote in votes)
    outstanding = 0 if time_up else seats - len(votes)
    could_win = []
    for team in (Result.A_WIN, Result.B_WIN):
        margin = 2 * count[team] - len(votes)  # votes for it, less all the others
        if margin - outstanding > 0:
            return team
        could_win.append(margin + outstanding > 0)
    return None if any(could_win) else Result.INVALID


def too_few(votes: Sequence[Vote]) -> bool:
    """Whether these reports are not enough to decide by: nobody decides alone, and no team for the other.

    Enough are three, from both teams; or four of one team who all say the same, while the other is silent.

    Args:
        votes: all that there are when the time is up.
    """
    if len(votes) < FEWEST:
        return True
    one_sided = len({vote.team for vote in votes}) == 1
    agreed = len({vote.result for vote in votes}) == 1
    return one_sided and not (agreed and len(votes) >= ALONE)
