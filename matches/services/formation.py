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
"""How often a round proposes if players leave meanwhile. So the others need not wait for the next round."""

VOICE_ATTEMPTS = 10
"""How often a match tries to get a voice pair while others take it first."""


def matchmaking_round(*, now: datetime | None = None) -> list[Match]:
    """Make as many matches of the waiting players as possible.

    Several rounds may run at once, and any of them may be killed. Each match is made in a transaction of its
    own, which checks that no other round has seated one of the players. A match that cannot be made holds up no
    other. Between seasons nobody is matched, and the queue is emptied.

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
        # Propose again, without players who have left, joined or changed roles meanwhile. They may do so again,
        # and wait for the next round.
        unchanged = set(tickets)
        tickets = [ticket for ticket in selectors.tickets(now) if ticket in unchanged]
    return made


@transaction.atomic
def match_create(*, proposal: Proposal, now: datetime | None = None) -> Match | None:
    """Seat ten waiting players and take them out of the queue.

    Args:
        proposal: who plays which role in which team.
        now: the time of matching; the present by default.

    Returns:
        The match; None if the proposal is outdated, because one of the ten no longer waits, has been banned, has
        given the role up, or has a seat in another match.
    """
    now = now or timezone.now()
    places = {
        player_id: (team, role)
        for team, players in ((Team.A, proposal.team_a), (Team.B, proposal.team_b))
        for role, player_id in players.items()
    }
    # 1. Lock the ten accounts, in the order of their ids. Joining, leaving and forming another match lock them
    #    too, so that from here on none of the ten can leave, change roles or be seated elsewhere.
    users = lock_users(places)
    # 2. Read their entries, and lock them against writes that take no lock on the accounts, such as raw ones.
    waiting = Entry.objects.select_for_update().filter(user__in=users).order_by("user_id")
    entries = {entry.user_id: entry for entry in waiting}
    # 3. Check under the locks what the proposal was made from without them.
    if not _is_still_possible(places, users, entries):
        return None
    # 4. Make the match and its seats, and delete the entries. Nobody else knows of the match before the commit, so
    #    it needs no lock. The constraint of one open seat a player is the last word.
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
    """Create the match with the lowest free voice pair, or without one if none is free.

    The insertion itself takes the pair. If two matches try to take the same pair, a constraint refuses one of
    them, and it tries again.
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
