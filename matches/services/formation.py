"""Making matches of those who wait."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from matches import selectors
from matches.limits import limit
from matches.matchmaking import Proposal, propose
from matches.models import LAST_VOICE_CHANNEL, Match, MatchEvent, Seat, Status, Team
from matches.services.hosting import choose_host
from matches.services.locking import lock_users
from queue_app.models import Entry
from queue_app.services import entries_clear, entries_drop_shut_out
from staff.selectors import house_rules
from users.models import User

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Times that a round proposes, as long as somebody goes while it does: the others should not wait for the next."""
VOICE_ATTEMPTS = 10
"""Tries for a voice pair that another match was quicker to take."""


def matchmaking_round(*, now: datetime | None = None) -> list[Match]:
    """Make as many matches as those who wait give.

    Several rounds may run at once, and any of them may be killed: each match is made in a
    transaction of its own, in which a player whom another round has seated is found out. One that
    cannot be made holds up no other. Between seasons nobody is matched, and nobody goes on waiting.

    Args:
        now: the time of matching; the present by default.

    Returns:
        The matches made.
    """
    now = now or timezone.now()
    if selectors.between_seasons(now):
        entries_clear(why="season_end", now=now)
        return []
    entries_drop_shut_out(now=now)
    made: list[Match] = []
    tickets = selectors.tickets(now)
    for _ in range(ATTEMPTS):
        proposals = propose(tickets, now.timestamp(), seed=int(now.timestamp()))
        outdated = 0
        for proposal in proposals:
            try:
                match = match_create(proposal=proposal, now=now)
            except Exception:
                logger.exception("a match could not be made")
            else:
                made += [match] if match is not None else []
                outdated += match is None
        if not outdated:
            break
        # Who has gone meanwhile and come back, waits for the next round: proposed again, they could go again.
        unchanged = set(tickets)
        tickets = [ticket for ticket in selectors.tickets(now) if ticket in unchanged]
    return made


@transaction.atomic
def match_create(*, proposal: Proposal, now: datetime | None = None) -> Match | None:
    """Seat ten players who wait and take them out of the queue.

    Args:
        proposal: who plays what in which team.
        now: the time of matching; the present by default.

    Returns:
        The match; None when things have changed since it was proposed, so that one of the ten no
        longer waits, is shut out, or does not want the role any more.
    """
    now = now or timezone.now()
    places = {
        player_id: (team, role)
        for team, players in ((Team.A, proposal.team_a), (Team.B, proposal.team_b))
        for role, player_id in players.items()
    }
    users = lock_users(places)
    waiting = Entry.objects.select_for_update().filter(user__in=users).order_by("user_id")
    entries = {entry.user_id: entry for entry in waiting}
    if not _is_still_possible(places, users, entries):
        return None
    rules = house_rules()
    match = _create_with_voice_pair(
        matched_at=now,
        deadline=now + limit("lobby", rules),
        decide_at=now + limit("match", rules),
        host=choose_host(users, {user_id: entry.queued_at for user_id, entry in entries.items()}),
    )
    MatchEvent.objects.create(match=match, kind=MatchEvent.Kind.HOST, user=match.host, happened_at=now)
    Seat.objects.bulk_create(
        Seat(
            match=match,
            user=users[user_id],
            team=team,
            role=role,
            selected_roles=entries[user_id].roles_with(role),
            queued_at=entries[user_id].queued_at,
            rate_before=users[user_id].rate,
        )
        for user_id, (team, role) in places.items()
    )
    Entry.objects.filter(user__in=users).delete()
    return match


def _is_still_possible(
    places: Mapping[str, tuple[str, str]], users: Mapping[str, User], entries: Mapping[str, Entry]
) -> bool:
    return (
        all(
            user_id in entries and entries[user_id].roles_with(role) and not users[user_id].is_banned
            for user_id, (_, role) in places.items()
        )
        and not Seat.objects.filter(user__in=users, is_open=True).exists()
    )


def _create_with_voice_pair(**fields: object) -> Match:
    """Create the match with the lowest free voice pair; without one where there is none to be had.

    A pair is taken by the insertion itself: of two matches that reach for the same, the database
    lets one pass, and the other looks again.
    """
    for _ in range(VOICE_ATTEMPTS):
        try:
            with transaction.atomic():
                return Match.objects.create(voice_channel=_free_voice_channel(), **fields)
        except IntegrityError:
            continue
    return Match.objects.create(voice_channel=None, **fields)


def _free_voice_channel() -> int | None:
    taken = set(Match.objects.filter(status=Status.MATCHED).values_list("voice_channel", flat=True))
    return next((number for number in range(1, LAST_VOICE_CHANNEL, 2) if number not in taken), None)
