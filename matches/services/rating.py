"""Rating a match, and the journal of ratings."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from matches.models import Match, RatingChange, Season, Seat
from matches.rating import SYSTEM, Rating, Standing, System, after_win
from matches.result import Result
from users.models import User


def rate_locked(match: Match, seats: list[Seat], users: Mapping[str, User], result: str, now: datetime) -> None:
    """Rate a match by where its players stand now, and write the journal.

    Args:
        match: locked by the caller, and about to be closed.
        seats: its seats. `rate_after` and `rate_delta` are set here, and saved by the caller.
        users: its players by id, locked by the caller, and saved here.
        result: one of `Result`.
        now: the time of closing.
    """
    before = {user_id: standing_of(user) for user_id, user in users.items()}
    after = outcome(seats, before, result, SYSTEM)
    for seat in seats:
        user, standing = users[seat.user_id], after[seat.user_id]
        seat.rate_after, seat.rate_delta = standing.rate, standing.rate - before[seat.user_id].rate
        if result != Result.INVALID:
            user.last_rate_delta = seat.rate_delta
            user.win_count += seat.wins_by(result)
        apply_standing(user, standing)
    if result != Result.INVALID:
        users_save(users.values())
    RatingChange.objects.bulk_create(
        change_of(user_id, before[user_id], after[user_id], now, match=match) for user_id in sorted(users)
    )


def outcome(
    seats: Iterable[Seat], before: Mapping[str, Standing], result: str, system: System
) -> Mapping[str, Standing]:
    """Where the players of a match stand after it, by user id. An invalid match changes nothing."""
    if result == Result.INVALID:
        return before
    seats = list(seats)
    won, lost = (
        {seat.role: seat.user_id for seat in seats if seat.wins_by(result) is has_won} for has_won in (True, False)
    )
    after = after_win(
        {role: before[user_id] for role, user_id in won.items()},
        {role: before[user_id] for role, user_id in lost.items()},
        system,
    )
    return {
        user_id: standings[role]
        for players, standings in zip((won, lost), after, strict=True)
        for role, user_id in players.items()
    }


def standing_of(user: User) -> Standing:
    """Where the player of an account stands."""
    rating = Rating(mean=user.rating_mean, deviation=user.rating_deviation, matches=user.match_count)
    return Standing(rating, rate=user.rate, max_rate=user.max_rate)


def apply_standing(user: User, standing: Standing) -> None:
    """Set an account to a standing, without saving it."""
    user.rating_mean, user.rating_deviation = standing.rating.mean, standing.rating.deviation
    user.match_count = standing.rating.matches
    user.rate, user.max_rate = standing.rate, standing.max_rate


def users_save(users: Iterable[User]) -> None:
    """Save the columns of these accounts that a rating changes."""
    columns = ["rating_mean", "rating_deviation", "rate", "max_rate", "last_rate_delta", "match_count", "win_count"]
    User.objects.bulk_update(users, columns, batch_size=500)


def change_of(
    user_id: str,
    before: Standing,
    after: Standing,
    now: datetime,
    *,
    match: Match | None = None,
    season: Season | None = None,
) -> RatingChange:
    """A line of the journal, not saved."""
    change = RatingChange(
        user_id=user_id, match=match, season=season, made_at=now, system=SYSTEM.name, version=SYSTEM.version
    )
    fill_journal_line(change, before, after)
    return change


def fill_journal_line(change: RatingChange, before: Standing, after: Standing) -> None:
    """Set the numbers of a line of the journal, without saving it."""
    change.matches_before = before.rating.matches
    change.mean_before, change.deviation_before = before.rating.mean, before.rating.deviation
    change.rate_before, change.max_rate_before = before.rate, before.max_rate
    change.mean_after, change.deviation_after = after.rating.mean, after.rating.deviation
    change.rate_after = after.rate


def standing_before(change: RatingChange) -> Standing:
    """Where the player stood before a line of the journal."""
    rating = Rating(mean=change.mean_before, deviation=change.deviation_before, matches=change.matches_before)
    return Standing(rating, rate=change.rate_before, max_rate=change.max_rate_before)
