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
    """Move everything of a duplicate account to another account of the same person, and ban the duplicate. For staff.

    Seats and reports, penalties, badges, final ranks of seasons and blocks are moved, including blocks by others.
    Numbers of matches and wins are added up. If both accounts have the same badge or a rank in the same season,
    the kept account's stays. Ratings are replayed from the first match of either account, as if one person had
    played all matches. So the ratings of the players whom they met follow.

    Args:
        keep_user_id: the account to keep.
        duplicate_user_id: the account to empty.
        now: the time; the present by default.

    Raises:
        Invalid: the two ids are the same, or one of them is no account's.
        Conflict: `deleted` if one is deleted; `staff` if the duplicate is an account of staff; `queued` or
            `in_match` while one is; `same_match` if both have played in the same match, as one person could not.
    """
    first = Match.objects.filter(rating_changes__user__in=(keep_user_id, duplicate_user_id))
    for match_id in first.order_by("rating_changes__pk").values_list("pk", flat=True)[:1]:
        lock_match(match_id)  # matches are locked before accounts, as everywhere
    users = lock_users({keep_user_id, duplicate_user_id, *_blocking(duplicate_user_id)})
    if keep_user_id == duplicate_user_id or not {keep_user_id, duplicate_user_id} <= users.keys():
        raise Invalid({"duplicate": ["Name an existing account other than this one."]})
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
    """Add up matches and wins, make one journal of two, and replay the ratings."""
    played, earlier = RatingChange.objects.filter(match__isnull=False), (keep, duplicate)
    firsts = [played.filter(user=user).first() for user in earlier]
    starts = [standing_before(line) if line else standing_of(user) for line, user in zip(firsts, earlier, strict=True)]
    keep.match_count += duplicate.match_count
    keep.win_count += duplicate.win_count
    keep.save(update_fields=["match_count", "win_count"])
    opened = list(RatingChange.objects.filter(user=keep, match=None).values_list("season", flat=True))
    RatingChange.objects.filter(user=duplicate, season__in=opened).delete()
    RatingChange.objects.filter(user=duplicate).update(user=keep)
    if firsts[1] is None:  # the duplicate has no match in the journal, so no rating changes
        return
    # An account that had played before the journal began starts from the rating that it had then.
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
        raise Conflict("The other account belongs to staff. Keep that one, or remove its rights first.", "staff")
    if Entry.objects.filter(user__in=both).exists():
        raise Conflict("One of the accounts waits in the queue.", "queued")
    if Seat.objects.filter(user__in=both, match__status=Status.MATCHED).exists():
        raise Conflict("One of the accounts is in an open match.", "in_match")
    if Seat.objects.filter(user=duplicate, match__in=Seat.objects.filter(user=keep).values("match")).exists():
        raise Conflict("Both accounts have played in the same match.", "same_match")


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
    """The ids of the players who have blocked this account."""
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
    """These ids, with the kept account's instead of the duplicate's, each once."""
    return list(dict.fromkeys(keep.pk if user_id == duplicate.pk else user_id for user_id in user_ids))
