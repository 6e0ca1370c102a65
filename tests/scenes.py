"""Players, queues and matches for tests, made through the services."""

import zlib
from datetime import UTC, datetime, timedelta

from matches import services
from matches.models import Match
from queue_app.services import entry_create
from users.models import User
from users.roles import ROLES

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment so many seconds after `NOW`."""
    return NOW + timedelta(seconds=seconds)


def private(name: str) -> dict[str, str]:
    """What must be seen nowhere (`tests.scanning` looks for it): fields of an account of this name."""
    return {
        "subject": f"test|{name}",
        "email": f"{name.replace(' ', '.')}@mail.example",
        "discord_id": str(412_340_987_600_000_000 + zlib.crc32(name.encode())),
    }


def players(number: int = 10, prefix: str = "player") -> list[User]:
    """Accounts with different ratings."""
    return [
        User.objects.create(
            **private(f"{prefix}-{index}"),
            trainer_name=f"{prefix} {index}",
            rate=1500 + 10 * index,
            max_rate=1500 + 10 * index,
            rating_mean=1500 + 10 * index,
        )
        for index in range(number)
    ]


def queue_up(users: list[User], now: datetime = NOW) -> None:
    """Everyone joins, each willing to play two roles, so that ten fill a match."""
    for index, user in enumerate(users):
        roles = [ROLES[index % 5], ROLES[(index + 1) % 5]]
        entry_create(user_id=user.user_id, selected_roles=roles, now=now + timedelta(seconds=index))


def make_match(users: list[User] | None = None, now: datetime | None = None) -> Match:
    """A match of ten who have queued."""
    queue_up(users if users is not None else players())
    (match,) = services.matchmaking_round(now=now or at(60))
    return match


def open_lobby(match: Match, now: datetime | None = None) -> Match:
    """The host makes the lobby; from then on a winner can be reported."""
    match.refresh_from_db()
    assert match.host_id is not None
    return services.match_set_lobby(
        match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=now or match.matched_at
    )


def report_all(match: Match, result: str = "A-win", count: int = 10, now: datetime | None = None) -> None:
    """The first `count` players report this result; those after the decision are refused, so stop at six for one."""
    if not Match.objects.get(pk=match.pk).lobby_id:
        open_lobby(match)
    for seat in list(match.seats.all())[:count]:
        services.match_report(match_id=match.match_id, user_id=seat.user_id, result=result, now=now or at(600))
