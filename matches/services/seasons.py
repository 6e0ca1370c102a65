"""Opening a season, with a soft reset of ratings; closing it, with final ranks and badges."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from matches import selectors
from matches.models import Match, RatingChange, Season, SeasonRank, Seat, Status
from matches.rating import soft_reset
from matches.services.rating import apply_standing, change_of, standing_of, users_save
from queue_app.services import entries_clear
from users.errors import Conflict
from users.models import START_RATE, User
from users.notices import NoticeCode, notice
from users.services import badge_define, badges_grant

logger = logging.getLogger(__name__)

RANK_BADGES = (
    (1, "1st", "優勝", "crown"),
    (10, "top-10", "トップ10", "trophy"),
    (100, "top-100", "トップ100", "medal"),
)
"""(worst rank, key, name, icon). A player gets the first that fits."""

MATCH_BADGES = ((100, "100-matches", "100試合", "mountain"), (30, "30-matches", "30試合", "flag"))
"""(fewest matches in the season, key, name, icon). A player gets the first that fits."""

COLOUR = "#b8860b"
POSITION = 1000
"""The position of season badges in the catalogue: after all others."""


def season_open(*, season: Season, now: datetime | None = None) -> Season:
    """Begin a season now, whatever time it was planned for. One that is open stays as it is.

    Every season but the first begins with a soft reset: ratings are drawn half-way to the start. Good players
    keep a lead, and everybody can catch up.

    Args:
        season: a planned one, or a new one with its name and, if it has one, its end.
        now: the time; the present by default.

    Raises:
        Invalid: a field of the season is not valid.
        Conflict: `season_open` while another is open; `season_closed` for one that is over.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            return _open(season, now)
    except IntegrityError:
        raise Conflict("Another season is open. Close it first.", "season_open") from None


def _open(season: Season, now: datetime) -> Season:
    if season.pk is not None:
        season = Season.objects.select_for_update().get(pk=season.pk)
        if season.state == Season.State.OPEN:
            return season
    # The season begins now, not as planned: matches until now belong to the season before.
    season.starts_at = now
    if season.state == Season.State.CLOSED or (season.ends_at is not None and season.ends_at <= now):
        raise Conflict("This season is over.", "season_closed")
    season.full_clean(validate_constraints=False)
    season.state = Season.State.OPEN
    season.save()
    if Season.objects.filter(state=Season.State.CLOSED).exists():
        _soft_reset(season, now)
    return season


def _soft_reset(season: Season, now: datetime) -> None:
    """Apply the soft reset, and write its lines into the journal.

    Players who still have the starting rating get a line too: a corrected result may give them another rating.
    """
    # Accounts are locked in the order of their ids, as everywhere.
    played = User.objects.filter(Q(pk__in=Seat.objects.values("user")) | ~Q(rate=START_RATE))
    users = list(played.select_for_update(no_key=True).order_by("user_id"))
    changes = []
    for user in users:
        before = standing_of(user)
        after = soft_reset(before)
        changes.append(change_of(user.user_id, before, after, now, season=season))
        apply_standing(user, after)
        user.last_rate_delta = 0
        user.notice = notice(NoticeCode.RATING_RESET, now, season=season.name, rate=user.rate)
    users_save(users)
    User.objects.bulk_update([user for user in users if user.deleted_at is None], ["notice"], batch_size=500)
    RatingChange.objects.bulk_create(changes, batch_size=500)


@transaction.atomic
def season_close(*, season: Season, now: datetime | None = None) -> Season:
    """End a season now, unless it has ended, and close it if no match is open. Closing keeps the final ranks.

    The queue is emptied. While matches are still played, the season has ended but is not closed. `seasons_advance`
    closes it when they are done, and so does calling this again.

    Args:
        season: the season. One that is closed stays as it is.
        now: the time; the present by default.

    Returns:
        The season. Its state tells whether it is closed.

    Raises:
        Conflict: `season_planned` if it has not been opened.
    """
    now = now or timezone.now()
    season = Season.objects.select_for_update().get(pk=season.pk)
    if season.state == Season.State.CLOSED:
        return season
    if season.state == Season.State.PLANNED:
        raise Conflict("This season has not been opened.", "season_planned")
    if season.ends_at is None or season.ends_at > now:
        season.ends_at = max(now, season.starts_at + timedelta(microseconds=1))
        season.save(update_fields=["ends_at"])
    entries_clear(why="season_end", now=now)
    if not Match.objects.filter(status=Status.MATCHED).exists():
        ranks = SeasonRank.objects.bulk_create(selectors.season_ranks(season))
        _give_badges(season, ranks, now)
        season.state = Season.State.CLOSED
        season.save(update_fields=["state"])
    return season


def seasons_advance(*, now: datetime | None = None) -> int:
    """Open and close the seasons whose time has come.

    Args:
        now: the time; the present by default.

    Returns:
        How many were opened or closed.
    """
    now = now or timezone.now()
    moved = 0
    for season in Season.objects.filter(state=Season.State.OPEN, ends_at__lte=now):
        moved += season_close(season=season, now=now).state == Season.State.CLOSED
    if not Season.objects.filter(state=Season.State.OPEN).exists():
        planned = Season.objects.filter(state=Season.State.PLANNED, starts_at__lte=now).exclude(ends_at__lte=now)
        for season in planned.order_by("starts_at", "pk")[:1]:
            season_open(season=season, now=now)
            moved += 1
    return moved


def _give_badges(season: Season, ranks: Sequence[SeasonRank], now: datetime) -> None:
    by_rank: dict[str, list[str]] = {key: [] for _, key, _, _ in RANK_BADGES}
    by_matches: dict[str, list[str]] = {key: [] for _, key, _, _ in MATCH_BADGES}
    for rank in ranks:
        reached = next((key for worst, key, _, _ in RANK_BADGES if rank.rank <= worst), None)
        played = next((key for fewest, key, _, _ in MATCH_BADGES if rank.match_count >= fewest), None)
        if reached is not None:
            by_rank[reached].append(rank.user_id)
        if played is not None:
            by_matches[played].append(rank.user_id)
    name = season.name[:40]
    for badges, holders, earned in ((RANK_BADGES, by_rank, "最終順位"), (MATCH_BADGES, by_matches, "試合数")):
        for _, key, label, icon in badges:
            if holders[key]:
                badge = badge_define(
                    badge_id=f"season-{season.pk}-{key}",
                    name=f"{name} {label}",
                    earned_by=f"{name}の{earned}：{label}",
                    look={"icon": icon, "colour": COLOUR},
                    position=POSITION,
                )
                badges_grant(badge=badge, user_ids=holders[key], now=now)
