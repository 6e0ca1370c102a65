"""What the players' reports come to. Pure: votes in, result out."""

from collections import Counter
from collections.abc import Sequence

A_WIN = "A-win"
B_WIN = "B-win"
INVALID = "invalid"

QUORUM = 7
"""From this many reports on, those still missing are given only a grace."""


def decide(votes: Sequence[str], *, seats: int = 10, time_up: bool = False) -> str | None:
    """The result of a match, or None while it is open.

    A team has won if the reports saying so outnumber those for the other team and those for an
    invalid match together; otherwise the match is invalid. That is settled once the reports still
    outstanding, however they turn out and even if they never come, cannot change it, or once
    the time is up.

    Args:
        votes: what was reported, one a player, each one of the three results.
        seats: how many may report.
        time_up: whether to decide with what there is.
    """
    count = Counter(votes)
    outstanding = 0 if time_up else seats - len(votes)
    could_win = []
    for team in (A_WIN, B_WIN):
        margin = 2 * count[team] - len(votes)  # votes for it, less all the others
        if margin - outstanding > 0:
            return team
        could_win.append(margin + outstanding > 0)
    return None if any(could_win) else INVALID
