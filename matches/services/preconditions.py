"""Checks that several services begin with."""

from matches.models import Match, Status
from matches.result import Result
from users.errors import Conflict, Invalid


def check_open(match: Match) -> None:
    """Check that a match is open.

    Raises:
        Conflict: `match_done` if it is not.
    """
    if match.status == Status.DONE:
        raise Conflict("This match is done.", "match_done")


def check_result(result: str) -> None:
    """Check that a result exists.

    Raises:
        Invalid: it is none of `Result`.
    """
    if result not in Result.values:
        raise Invalid({"result": [f"A result is one of {', '.join(Result.values)}."]})
