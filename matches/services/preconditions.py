"""What several services ask before they do anything."""

from matches.models import Match, Status
from matches.result import Result
from users.errors import Conflict, Invalid


def check_open(match: Match) -> None:
    """Refuse a match that is done.

    Raises:
        Conflict: `match_done`.
    """
    if match.status == Status.DONE:
        raise Conflict("This match is done.", "match_done")


def check_result(result: str) -> None:
    """Refuse what is no result of a match.

    Raises:
        Invalid: it is none of `Result`.
    """
    if result not in Result.values:
        raise Invalid({"result": [f"A result is one of {', '.join(Result.values)}."]})
