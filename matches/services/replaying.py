"""Replaying ratings: computing them again from the journal, after the result of a match has changed."""

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
"""The journal lines of one match, or of one player's soft reset: {user id: number of the line}."""

REPLAYED = [
    "matches_before", "mean_before", "deviation_before", "rate_before", "max_rate_before",
    "mean_after", "deviation_after", "rate_after",
]  # fmt: skip


class _MorePlayersAffected(Exception):
    """A match was closed before the accounts were locked, and its players are affected as well."""


def ratings_replay(*, match: Match, was: str) -> None:
    """Compute all ratings again that depend on a match whose result has changed.

    These are the ratings of its players, in this match and in each one that they have played since. The
    players whom they met there are affected too, and so on. Each match is rated in the order of the
    journal, with the rating system that it was first rated with.

    Args:
        match: done and in the journal. The caller has locked it, in a transaction.
        was: its former result.
    """
    # 1. Read who is affected. No account is locked yet, so that another match may be closed meanwhile.
    affected = _players(_events_from(match))
    while True:
        try:
            with transaction.atomic():
                # 2. Lock these accounts, in the order of their ids as everywhere. From now on no match with
                #    any of these players can be closed: closing locks the accounts of its players.
                users = lock_users(affected)
                # 3. Read again, under the locks. What the first reading missed is in this one.
                events = _events_from(match)
                affected = _players(events)
                # 4. More players are affected than are locked. Locking them now would break the order and
                #    might deadlock. So roll back to the savepoint, which releases the locks, and lock all.
                if not affected <= users.keys():
                    raise _MorePlayersAffected
                # 5. All affected players are locked. Their part of the journal stands still and can be replayed.
                standings = _rate_again(events)
                _update_accounts(match, was, users, standings)
                return
        except _MorePlayersAffected:
            continue


def _events_from(match: Match) -> list[Event]:
    """The match and every later event that its ratings reach, in the order in which they happened.

    Events are ordered by their first lines. That is right for any two events with a common player: both
    were written under that player's lock, so that all lines of the later one come after all lines of the
    earlier one. The order of two events without a common player does not matter.
    """
    # 1. Gather the lines from this match on into events. A dict keeps the order of their first lines.
    first = match.rating_changes.earliest("pk").pk
    lines = RatingChange.objects.filter(pk__gte=first).order_by("pk").values_list("pk", "match_id", "user_id")
    journal: dict[str | int, Event] = {}
    for line, match_id, user_id in lines.iterator():
        journal.setdefault(match_id or line, {})[user_id] = line
    # 2. Go through them once. An event with an affected player is affected, and with it all its players. Only
    #    later events can follow from it, so that one pass finds them all.
    affected = set(journal[match.match_id])
    events = []
    for event_id, event in journal.items():
        if event_id == match.match_id or not affected.isdisjoint(event):
            events.append(event)
            affected.update(event)
    return events


def _players(events: Iterable[Event]) -> set[str]:
    return {user_id for event in events for user_id in event}


def _rate_again(events: Iterable[Event]) -> dict[str, Standing]:
    """Rate these events again and rewrite their journal lines and seats.

    Returns:
        {user id: standing} after the last event.
    """
    standings: dict[str, Standing] = {}
    for event in events:
        # A player's first event starts from what the journal says; a later one from the event before it.
        changes = list(RatingChange.objects.filter(pk__in=event.values()).select_related("match").order_by("pk"))
        before = {change.user_id: standings.get(change.user_id, standing_before(change)) for change in changes}
        after = _after(changes, before)
        for change in changes:
            fill_journal_line(change, before[change.user_id], after[change.user_id])
        RatingChange.objects.bulk_update(changes, REPLAYED)
        standings |= after
    return standings


def _after(changes: list[RatingChange], before: Mapping[str, Standing]) -> dict[str, Standing]:
    """Where the players of one event stand after it. Sets the ratings of its seats, if it is a match."""
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


def _update_accounts(match: Match, was: str, users: Mapping[str, User], standings: Mapping[str, Standing]) -> None:
    """Bring the accounts in line with the journal."""
    last = _last_deltas(users.keys())
    for user_id, standing in standings.items():
        apply_standing(users[user_id], standing)
        users[user_id].last_rate_delta = last.get(user_id, 0)
    for seat in match.seats.all():
        users[seat.user_id].win_count += seat.wins_by(match.result) - seat.wins_by(was)
    users_save([users[user_id] for user_id in standings])


def _last_deltas(user_ids: Iterable[str]) -> dict[str, int]:
    """How far its last decided match moved each player's shown rating; 0 if a season was opened since."""
    counted = RatingChange.objects.filter(Q(match=None) | ~Q(match__result=Result.INVALID), user__in=list(user_ids))
    newest = counted.order_by().values("user").annotate(line=Max("pk")).values("line")
    moves = RatingChange.objects.filter(pk__in=newest).values_list("user_id", "match_id", "rate_before", "rate_after")
    return {user_id: after - before if match_id else 0 for user_id, match_id, before, after in moves}
