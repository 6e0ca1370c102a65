"""Counting ratings anew, by the journal."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Max, Q

from matches.models import Match, RatingChange, Seat
from matches.rating import SYSTEMS, Standing, soft_reset
from matches.result import Result
from matches.services.locking import lock_users
from matches.services.rating import apply_standing, fill_journal_line, outcome, standing_before, users_save
from users.models import User

Event = dict[str, int]
"""The lines of one match, or of one player at the opening of a season: {user id: line}."""

REWRITTEN = [
    "matches_before", "mean_before", "deviation_before", "rate_before", "max_rate_before",
    "mean_after", "deviation_after", "rate_after",
]  # fmt: skip


class _OthersAsWell(Exception):
    """Since it was looked who is concerned, further players have come to be."""


def ratings_replay(*, match: Match, was: str) -> None:
    """Count all ratings anew that follow from a match whose result has been changed.

    Those are of its players, in it and in all that they have played since, and of whom they have met
    there, and so on. Each match is rated again in the order of the journal, with the system that it
    was rated with.

    Args:
        match: done and in the journal; locked by the caller, in a transaction.
        was: its former result.
    """
    concerned = _players(_events_from(match))
    while True:
        try:
            with transaction.atomic():  # rolled back, it gives the locks back: they are taken in one order
                users = lock_users(concerned)
                events = _events_from(match)
                concerned = _players(events)
                if not concerned <= users.keys():
                    raise _OthersAsWell
                standings = _rate_anew(events)
                _settle(match, was, users, standings)
                return
        except _OthersAsWell:
            continue


def _events_from(match: Match) -> list[Event]:
    """The match and all that follows from it, in order.

    That is the order of their first lines: of two matches with a common player the later has all
    its lines after those of the earlier, since both are written under the player's lock.
    """
    first = match.rating_changes.earliest("pk").pk
    lines = RatingChange.objects.filter(pk__gte=first).order_by("pk").values_list("pk", "match_id", "user_id")
    journal: dict[str | int, Event] = {}
    for line, match_id, user_id in lines.iterator():
        journal.setdefault(match_id or line, {})[user_id] = line
    concerned = set(journal[match.match_id])
    events = []
    for event_id, event in journal.items():
        if event_id == match.match_id or not (concerned.isdisjoint(event)):
            events.append(event)
            concerned.update(event)
    return events


def _players(events: Iterable[Event]) -> set[str]:
    return {user_id for event in events for user_id in event}


def _rate_anew(events: Iterable[Event]) -> dict[str, Standing]:
    """Rewrite these lines and the seats that go with them.

    Returns:
        {user id: standing} after the last of them.
    """
    standings: dict[str, Standing] = {}
    for event in events:
        changes = list(RatingChange.objects.filter(pk__in=event.values()).select_related("match").order_by("pk"))
        before = {change.user_id: standings.get(change.user_id, standing_before(change)) for change in changes}
        after = _after(changes, before)
        for change in changes:
            fill_journal_line(change, before[change.user_id], after[change.user_id])
        RatingChange.objects.bulk_update(changes, REWRITTEN)
        standings |= after
    return standings


def _after(changes: list[RatingChange], before: Mapping[str, Standing]) -> dict[str, Standing]:
    match = changes[0].match
    if match is None:
        return {user_id: soft_reset(standing) for user_id, standing in before.items()}
    seats = list(match.seats.all())
    after = outcome(seats, before, match.result, SYSTEMS[changes[0].system, changes[0].version])
    for seat in seats:
        seat.rate_after = after[seat.user_id].rate
        seat.rate_delta = seat.rate_after - before[seat.user_id].rate
    Seat.objects.bulk_update(seats, ["rate_after", "rate_delta"])
    return dict(after)


def _settle(match: Match, was: str, users: Mapping[str, User], standings: Mapping[str, Standing]) -> None:
    """Let the accounts say what the journal does now."""
    last = _last_deltas(users.keys())
    for user_id, standing in standings.items():
        apply_standing(users[user_id], standing)
        users[user_id].last_rate_delta = last.get(user_id, 0)
    for seat in match.seats.all():
        users[seat.user_id].win_count += seat.wins_by(match.result) - seat.wins_by(was)
    users_save([users[user_id] for user_id in standings])


def _last_deltas(user_ids: Iterable[str]) -> dict[str, int]:
    """How far the last decided match moved what is shown of each player; 0 since a season was opened."""
    counted = RatingChange.objects.filter(Q(match=None) | ~Q(match__result=Result.INVALID), user__in=list(user_ids))
    newest = counted.order_by().values("user").annotate(line=Max("pk")).values("line")
    moves = RatingChange.objects.filter(pk__in=newest).values_list("user_id", "match_id", "rate_before", "rate_after")
    return {user_id: after - before if match_id else 0 for user_id, match_id, before, after in moves}
