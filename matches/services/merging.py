"""Two accounts of one person."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from django.db import transaction

from matches.models import Match, MatchEvent, RatingChange, Report, SeasonRank, Seat, Status
from matches.services.locking import lock_match, lock_users
from matches.services.rating import fill_journal_line, standing_before, standing_of
from matches.services.replaying import ratings_replay
from queue_app.models import Entry
from users.errors import Conflict, Invalid
from users.models import OwnedBadge, Penalty, User
from users.services import MOST_BLOCKED, user_ban


@transaction.atomic
def users_merge(*, keep_user_id: str, duplicate_user_id: str, now: datetime | None = None) -> User:
    """Give everything of one account to another of the same person, and shut the one out. For staff.

    Moved are seats with their reports, penalties, badges, final ranks of seasons, and blocks, those of
    others against the account as well; won matches are added up. Badges and ranks that both have stay
    as the kept account has them. Ratings are counted anew from the first match of either, as if one
    person had played all: by the journal, so that those of others who were met follow.

    Args:
        keep_user_id: the account to keep.
        duplicate_user_id: the account to empty.
        now: the time; the present by default.

    Raises:
        Invalid: it is the same account twice, or there is none.
        Conflict: `deleted` where one is; `staff` where the other is an account of staff; `queued` or
            `in_match` while that is so of either; `same_match` where both have played in one match, as one
            person could not.
    """
    first = Match.objects.filter(rating_changes__user__in=(keep_user_id, duplicate_user_id))
    for match_id in first.order_by("rating_changes__pk").values_list("pk", flat=True)[:1]:
        lock_match(match_id)  # before accounts, as everywhere
    users = lock_users({keep_user_id, duplicate_user_id, *_blocking(duplicate_user_id)})
    if keep_user_id == duplicate_user_id or not {keep_user_id, duplicate_user_id} <= users.keys():
        raise Invalid({"duplicate": ["Name another account that there is."]})
    keep, duplicate = users.pop(keep_user_id), users.pop(duplicate_user_id)
    _check_at_rest(keep, duplicate)
    _move_matches(keep, duplicate)
    _move_belongings(keep, duplicate)
    _move_blocks(keep, duplicate, list(users.values()))
    _add_up(keep, duplicate)
    User.objects.filter(pk=duplicate.pk).update(match_count=0, win_count=0, last_rate_delta=0)
    duplicate.refresh_from_db()
    user_ban(user=duplicate, reason=f"Merged into {keep.pk}", now=now)
    keep.refresh_from_db()
    return keep


def _add_up(keep: User, duplicate: User) -> None:
    """What was played and won, and the ratings that follow from it."""
    played, earlier = RatingChange.objects.filter(match__isnull=False), (keep, duplicate)
    firsts = [played.filter(user=user).first() for user in earlier]
    starts = [standing_before(line) if line else standing_of(user) for line, user in zip(firsts, earlier, strict=True)]
    keep.match_count += duplicate.match_count
    keep.win_count += duplicate.win_count
    keep.save(update_fields=["match_count", "win_count"])
    opened = list(RatingChange.objects.filter(user=keep, match=None).values_list("season", flat=True))
    RatingChange.objects.filter(user=duplicate, season__in=opened).delete()
    RatingChange.objects.filter(user=duplicate).update(user=keep)
    if firsts[1] is None:  # nothing that the journal knows of has been added
        return
    # Who had played before there was a journal begins as strong as that had shown.
    start = max(starts, key=lambda standing: standing.rating.matches)
    rating = replace(start.rating, matches=sum(standing.rating.matches for standing in starts))
    first = min((line for line in firsts if line), key=attrgetter("pk"))
    start = replace(start, rating=rating)
    fill_journal_line(first, start, start)
    first.user = keep
    first.save()
    match = Match.objects.get(rating_changes=first)
    ratings_replay(match=match, was=match.result)


def _check_at_rest(keep: User, duplicate: User) -> None:
    both = (keep, duplicate)
    if any(user.deleted_at for user in both):
        raise Conflict("One of the accounts has been deleted.", "deleted")
    if duplicate.is_staff or duplicate.is_superuser:
        raise Conflict("The other account is staff's; keep it, or take its rights first.", "staff")
    if Entry.objects.filter(user__in=both).exists():
        raise Conflict("One of the accounts waits in the queue.", "queued")
    if Seat.objects.filter(user__in=both, match__status=Status.MATCHED).exists():
        raise Conflict("One of the accounts is in an open match.", "in_match")
    if Seat.objects.filter(user=duplicate, match__in=Seat.objects.filter(user=keep).values("match")).exists():
        raise Conflict("Both accounts have played in one match.", "same_match")


def _move_matches(keep: User, duplicate: User) -> None:
    played = list(Seat.objects.filter(user=duplicate).order_by().values_list("match_id", flat=True))
    Seat.objects.filter(user=duplicate).update(user=keep)
    Match.objects.filter(host=duplicate).update(host=keep)
    both = MatchEvent.objects.filter(user=keep, kind=MatchEvent.Kind.SEEN).values(
        "match"
    )  # one gave the other the seat
    MatchEvent.objects.filter(user=duplicate, kind=MatchEvent.Kind.SEEN, match__in=both).delete()
    MatchEvent.objects.filter(user=duplicate).update(user=keep)
    reports = [report for report in Report.objects.filter(match__in=played) if duplicate.pk in report.violations]
    for report in reports:
        report.violations = _renamed(report.violations, keep, duplicate)
    Report.objects.bulk_update(reports, ["violations"])
    ranked = list(SeasonRank.objects.filter(user=keep).values_list("season", flat=True))
    SeasonRank.objects.filter(user=duplicate).exclude(season__in=ranked).update(user=keep)


def _move_belongings(keep: User, duplicate: User) -> None:
    Penalty.objects.filter(user=duplicate).update(user=keep)
    owned = list(OwnedBadge.objects.filter(user=keep).values_list("badge_id", flat=True))
    OwnedBadge.objects.filter(user=duplicate).exclude(badge__in=owned).update(user=keep, place=None)
    OwnedBadge.objects.filter(user=duplicate).delete()


def _blocking(user_id: str) -> list[str]:
    """Those who have blocked this account."""
    blocks = User.objects.exclude(blocked_user_ids=[]).values_list("pk", "blocked_user_ids")
    return [blocker for blocker, blocked in blocks.iterator() if user_id in blocked]


def _move_blocks(keep: User, duplicate: User, blockers: list[User]) -> None:
    blocked = dict.fromkeys([*keep.blocked_user_ids, *duplicate.blocked_user_ids])
    keep.blocked_user_ids = [user_id for user_id in blocked if user_id not in (keep.pk, duplicate.pk)][:MOST_BLOCKED]
    duplicate.blocked_user_ids = []
    for user in blockers:
        user.blocked_user_ids = _renamed(user.blocked_user_ids, keep, duplicate)
    User.objects.bulk_update([keep, duplicate, *blockers], ["blocked_user_ids"])


def _renamed(user_ids: Iterable[str], keep: User, duplicate: User) -> list[str]:
    """The ids with the kept account's in the duplicate's stead, each once."""
    return list(dict.fromkeys(keep.pk if user_id == duplicate.pk else user_id for user_id in user_ids))
