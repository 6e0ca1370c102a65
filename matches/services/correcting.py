from django.db import transaction

from matches.models import Match, Status
from matches.services.locking import lock_match
from matches.services.preconditions import check_result
from matches.services.replaying import ratings_replay
from users.errors import Conflict


@transaction.atomic
def match_correct_result(*, match_id: str, result: str) -> Match:
    """Correct the result of a match that is done, and replay all ratings that depend on it. For staff.

    If a season was opened meanwhile, its soft reset is applied to the corrected ratings. These stay as they
    are: the ratings shown at the time of matching, points for misconduct, and the final ranks and badges of a
    season that is closed.

    Args:
        match_id: the match.
        result: one of `Result`. The one that the match has already changes nothing.

    Raises:
        Invalid: there is no such result.
        NotFound: there is no such match.
        Conflict: `match_open` if the match is not done; `not_in_journal` if it was rated by a version of
            this service that kept no journal.
    """
    check_result(result)
    match = lock_match(match_id)
    if match.status != Status.DONE:
        raise Conflict("This match is not done.", "match_open")
    if match.result == result:
        return match
    if not match.rating_changes.exists():
        raise Conflict(
            "This match was rated before the rating journal began, so its result cannot be corrected.", "not_in_journal"
        )
    was, match.result = match.result, result
    match.save(update_fields=["result"])
    ratings_replay(match=match, was=was)
    return match
