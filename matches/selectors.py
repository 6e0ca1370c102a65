"""Every read of matches that is more than a line."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Expression, OuterRef, Q, QuerySet

from matches.matchmaking import Ticket
from matches.models import Match, MissingMark, RatingChange, Report, Season, SeasonRank, Seat, Status, Team
from matches.result import Result
from queue_app.models import Entry
from queue_app.selectors import waiting_but_shut_out
from realtime.models import Presence
from users.errors import Forbidden, NotFound
from users.ids import is_public_id
from users.models import User
from users.selectors import ranked

LONGEST_CURVE = 100
"""Points of a rating curve at most. More could not be told apart on a page."""


def match_exists(match_id: str) -> bool:
    """Whether there is such a match."""
    return is_public_id(match_id) and Match.objects.filter(pk=match_id).exists()


def match_get(match_id: str) -> Match:
    """The match of this id.

    Raises:
        NotFound: there is no such match.
    """
    match = Match.objects.filter(pk=match_id).first() if is_public_id(match_id) else None
    if match is None:
        raise NotFound("There is no such match.")
    return match


def has_taken_part(user_id: str, match: Match) -> bool:
    """Whether the user has a seat in the match, or had one that has gone to another: then events alone tell of it."""
    return match.seats.filter(user_id=user_id).exists() or match.events.filter(user_id=user_id).exists()


def has_seat(user_id: str, match_id: str) -> bool:
    """Whether the player is one of the match's ten."""
    return bool(seated_in(user_id, (match_id,)))


def seated_in(user_id: str, match_ids: Collection[str]) -> set[str]:
    """The matches among these in which the player is one of the ten."""
    possible = [match_id for match_id in match_ids if is_public_id(match_id)]
    seats = Seat.objects.filter(match_id__in=possible, user_id=user_id)
    return set(seats.values_list("match_id", flat=True)) if possible else set()


def own_statements(match_id: str, user_id: str) -> dict[str, Any]:
    """What a player has said of a match: the `report` or None, and the ids marked as `missing`.

    Raises:
        NotFound: there is no such match.
        Forbidden: `not_player`.
    """
    if not match_exists(match_id):
        raise NotFound("There is no such match.")
    seat = Seat.objects.filter(match_id=match_id, user_id=user_id).first()
    if seat is None:
        raise Forbidden("You are not a player of this match.", "not_player")
    marked = MissingMark.objects.filter(by=seat).values_list("seat__user_id", flat=True)
    return {"report": Report.objects.filter(seat=seat).first(), "missing": list(marked)}


def open_match_ids(user_ids: Collection[str]) -> dict[str, str]:
    """The open match of each of these players who has one.

    It is the player's latest match while it is not done. A player who has reported it and waits in the queue again
    has no open match.

    Returns:
        {user id: match id}.
    """
    later = Seat.objects.filter(user=OuterRef("user"), pk__gt=OuterRef("pk"))
    waiting = Entry.objects.filter(user=OuterRef("user"))
    seats = Seat.objects.filter(~Exists(later), ~Exists(waiting), user__in=user_ids, match__status=Status.MATCHED)
    return dict(seats.order_by().values_list("user_id", "match_id"))


def match_ids_showing(user_ids: Collection[str]) -> list[str]:
    """The matches that show the present name, badges or presence of one of these players."""
    seats = Seat.objects.filter(user__in=user_ids, match__status=Status.MATCHED)
    return list(seats.order_by().values_list("match_id", flat=True).distinct())


def player_ids(match_ids: Collection[str]) -> list[str]:
    """The players of these matches."""
    return list(Seat.objects.filter(match__in=match_ids).order_by().values_list("user_id", flat=True).distinct())


def online(user_ids: Iterable[str]) -> set[str]:
    """The players among these who have a live connection."""
    return set(Presence.objects.filter(owner__in=list(user_ids)).values_list("owner", flat=True))


def tickets(now: datetime) -> list[Ticket]:
    """The tickets of all players who wait and may play at this time.

    Their rating is the estimated strength, not the shown rating, which rates a newcomer below players of the same
    strength who are better known. If time is scaled (`UNITEMATE_TIME_SCALE`), waits are scaled to match.
    """
    scale, present = settings.UNITEMATE_TIME_SCALE, now.timestamp()
    entries = Entry.objects.select_related("user").exclude(user__in=waiting_but_shut_out(now))
    return [
        Ticket(
            player_id=entry.user_id,
            rating=entry.user.rating_mean,
            uncertainty=entry.user.rating_deviation,
            roles=tuple(entry.selected_roles),
            queued_at=present - scale * (present - entry.queued_at.timestamp()),
            blocked=frozenset(entry.user.blocked_user_ids),
        )
        for entry in entries
    ]


def records(user_id: str) -> QuerySet[Seat]:
    """The player's finished matches, the latest first."""
    seats = Seat.objects.filter(user_id=user_id, match__status=Status.DONE)
    return seats.select_related("match").order_by("-match__matched_at", "match_id")


def rating_curve(user: User) -> dict[str, Any]:
    """The player's shown rating over the latest matches.

    Returns:
        `start`, the rating before the first point, and `points`, the oldest first and at most `LONGEST_CURVE`. A
        point has `at` (a time), the `rate` from then on, and `match_id`, which is None for a season's opening.
    """
    moves = RatingChange.objects.filter(user=user).filter(Q(match=None) | ~Q(match__result=Result.INVALID))
    latest = list(moves.order_by("-pk")[:LONGEST_CURVE])[::-1]
    return {
        "start": latest[0].rate_before if latest else user.rate,
        "points": [{"at": move.made_at, "rate": move.rate_after, "match_id": move.match_id} for move in latest],
    }


def matches_played_since(user_id: str, since: datetime) -> int:
    """How many decided matches of the player were closed after this time."""
    return _won_by_somebody().filter(user_id=user_id, match__closed_at__gt=since).count()


def roles_played(user_ids: Collection[str]) -> dict[str, int]:
    """In how many different roles each of these players has played a decided match."""
    seats = _won_by_somebody().filter(user__in=list(user_ids)).order_by()
    return dict(seats.values("user_id").annotate(roles=Count("role", distinct=True)).values_list("user_id", "roles"))


def lobbies_made(user_ids: Collection[str]) -> dict[str, int]:
    """In how many finished matches each of these players was the host of the lobby."""
    hosted = Match.objects.filter(host__in=list(user_ids), status=Status.DONE).exclude(lobby_id="").order_by()
    return dict(hosted.values("host_id").annotate(made=Count("pk")).values_list("host_id", "made"))


def matches_since_violation(user_id: str) -> int:
    """How many decided matches the player has played since anybody last reported them for misconduct."""
    reports = Report.objects.filter(match__seats__user=user_id).exclude(violations=[]).order_by("-match__matched_at")
    times = (at for at, named in reports.values_list("match__matched_at", "violations") if user_id in named)
    played = _won_by_somebody().filter(user_id=user_id)
    last = next(times, None)
    return (played if last is None else played.filter(match__matched_at__gt=last)).count()


def _won_by_somebody() -> QuerySet[Seat]:
    return Seat.objects.filter(match__status=Status.DONE).exclude(match__result=Result.INVALID)


def seasons_running(now: datetime | Expression) -> QuerySet[Season]:
    """The season that has begun and has not ended at this time: one or none, as a query."""
    return Season.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), state=Season.State.OPEN, starts_at__lte=now)


def season_running(now: datetime) -> Season | None:
    """The season that runs at this time, or None."""
    return seasons_running(now).first()


def between_seasons(now: datetime) -> bool:
    """Whether there are seasons but none runs at this time. Without any season, play is always on."""
    return season_running(now) is None and Season.objects.exists()


def season_ranks(season: Season) -> list[SeasonRank]:
    """The final ranks of a season that is over, best first, not saved. Banned players have none."""
    won = Q(team=Team.A, match__result=Result.A_WIN) | Q(team=Team.B, match__result=Result.B_WIN)
    seats = Seat.objects.filter(
        match__status=Status.DONE, match__matched_at__gte=season.starts_at, match__matched_at__lt=season.ends_at
    )
    played = {
        row["user_id"]: row
        for row in seats.exclude(match__result=Result.INVALID)
        .order_by()
        .values("user_id")
        .annotate(matches=Count("pk"), wins=Count("pk", filter=won))
    }
    ranks: list[SeasonRank] = []
    for place, user in enumerate((user for user in ranked() if user.pk in played), start=1):
        shared = bool(ranks) and ranks[-1].rate == user.rate
        ranks.append(
            SeasonRank(
                season=season,
                user=user,
                rank=ranks[-1].rank if shared else place,
                rate=user.rate,
                match_count=played[user.pk]["matches"],
                win_count=played[user.pk]["wins"],
                trainer_name=user.trainer_name,
            )
        )
    return ranks
