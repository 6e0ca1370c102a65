"""All that staff can do: a row to do it to, what the form asks for, and what it is listed under."""

from django.utils import timezone

from matches.models import Match, Season, SeasonRank
from queue_app.models import Entry
from queue_app.services import entry_create
from staff.models import HouseRules
from tests.scenes import make_match, players, report_all
from users import services
from users.models import Badge, OwnedBadge, Penalty, User


def player() -> User:
    return players(1, "Ann")[0]


def badge() -> Badge:
    return Badge.objects.create(badge_id="first", name="First", earned_by="being first", look={"icon": "flag"})


def owner() -> tuple[User, dict]:
    user = player()
    services.badge_grant(user=user, badge=badge())
    return user, {"badge": "first"}


def waiting() -> tuple[Entry, dict, User]:
    user = player()
    return entry_create(user_id=user.pk, selected_roles=["TANK", "SUPPORT"])[0], {}, user


def banned() -> User:
    return services.user_ban(user=player(), reason="x")


def penalty() -> tuple[Penalty, dict, User]:
    user = player()
    return services.penalty_give(user=user, points=1, reason="x"), {}, user


def duplicate() -> tuple[User, dict]:
    return player(), {"duplicate": players(1, "double")[0].pk}


def match_and_another_host() -> tuple[Match, dict]:
    match = make_match()
    return match, {"player": match.seats.exclude(user=match.host).first().user_id}


def match_and_replacement() -> tuple[Match, dict]:
    match = make_match()
    return match, {"player": match.seats.first().user_id, "replacement": player().pk}


def finished() -> Match:
    match = make_match()
    report_all(match, count=6)
    match.refresh_from_db()
    return match


def rows_of_all_models() -> User:
    """A row of each model that has a page, but for the audit log; the account that most of them are about."""
    match, user = finished(), player()
    planned = Season.objects.create(name="planned", starts_at=match.matched_at, ends_at=match.closed_at)
    SeasonRank.objects.create(
        season=planned, user=user, rank=1, rate=1500, match_count=1, win_count=1, trainer_name="Ann"
    )
    Entry.objects.create(user=user, selected_roles=["TANK", "SUPPORT"])
    Penalty.objects.create(user=user, points=1, reason="x")
    OwnedBadge.objects.create(user=user, badge=Badge.objects.first())
    HouseRules.objects.create()
    return user


def season(**fields) -> Season:
    return Season.objects.create(name="one", starts_at=timezone.now(), **fields)


ACTIONS = {
    (Entry, "remove"): waiting,
    (User, "ban"): player,
    (User, "unban"): banned,
    (User, "give_penalty"): lambda: (player(), {"points": 2, "told": "left a match"}),
    (User, "grant_badge"): lambda: (player(), {"badge": badge().pk}),
    (User, "revoke_badge"): owner,
    (User, "merge"): duplicate,
    (User, "export"): player,
    (User, "delete_account"): player,
    (Badge, "delete"): badge,
    (Penalty, "lift"): penalty,
    (Match, "set_host"): match_and_another_host,
    (Match, "set_lobby"): lambda: (make_match(), {"lobby_id": "12345678"}),
    (Match, "replace"): match_and_replacement,
    (Match, "decide"): make_match,
    (Match, "close"): lambda: (make_match(), {"result": "A-win"}),
    (Match, "void"): lambda: (make_match(), {"put_back": "on"}),
    (Match, "correct"): lambda: (finished(), {"result": "B-win"}),
    (Season, "open"): season,
    (Season, "close"): lambda: season(state="open"),
    (Season, "delete"): season,
}
CHANGES = {
    User: (player, {"bio": "by staff"}),
    Badge: (badge, {"name": "Prime"}),
    Season: (season, {"name": "two"}),
    HouseRules: (lambda: HouseRules.objects.create(), {"announcement_en": "Hello"}),
}
ADDITIONS = {
    Badge: {"badge_id": "new", "name": "New", "earned_by": "asking", "look": '{"icon": "flag"}', "position": "1"},
    Season: {"name": "new", "starts_at_0": "2026-12-01", "starts_at_1": "12:00:00"},
}


KNOWN = {"lobby_id": "12345678"}
"""What REST's bodies ask for by these names, besides the ids of a match and of one of its players."""


def scene(make) -> tuple:
    """The row, the fields, and what it is listed under."""
    made = make()
    row, fields, subject = (*(made if isinstance(made, tuple) else (made, {})), None)[:3]
    return row, fields, subject or row
