"""Rows of a service in use, written into the database of the first migrations, and read from that of now.

`python -m tests.deploy.old_rows write` and `… read`, on the database of the environment.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unitemate.settings")
OURS = ("realtime", "users", "queue_app", "matches")
THEN = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
ROLES = ("TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK")
PLAYERS = 22


def write() -> None:
    """A finished match with its reports, an open one, two who wait, and what belongs to them."""
    from django.core.management import call_command  # noqa: PLC0415  (Django is set up by now)
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    for label in OURS:
        call_command("migrate", label, "0001", verbosity=0)
    state = MigrationExecutor(connection).loader.project_state([(label, "0001_initial") for label in OURS])
    model = state.apps.get_model
    users = [
        model("users", "User").objects.create(
            user_id=f"player{number:010}",
            subject=f"auth0|{number}",
            trainer_name=f"Player {number}",
            rate=1500 + number,
            max_rate=1600,
            match_count=number,
            win_count=number // 2,
            email=f"{number}@example.com",
            discord_id=str(10_000 + number),
            preferred_roles=["TANK"],
        )
        for number in range(PLAYERS)
    ]
    model("users", "User").objects.filter(pk=users[0].pk).update(is_staff=True, is_superuser=True, password="x")
    badge = model("users", "Badge").objects.create(badge_id="first", name="First", earned_by="Playing.")
    model("users", "OwnedBadge").objects.create(user=users[1], badge=badge, place=1)
    model("users", "Penalty").objects.create(user=users[2], reason="Late.", points=2)
    model("queue_app", "Entry").objects.create(user=users[20], selected_roles=["TANK", "SUPPORT"], queued_at=THEN)
    model("queue_app", "Entry").objects.create(user=users[21], selected_roles=["MIDDLE", "TANK"], queued_at=THEN)
    model("matches", "Season").objects.create(name="First", starts_at=THEN)
    done = _match(model, users[:10], status="done", phase="done", result="A-win", closed_at=THEN + timedelta(hours=1))
    for seat in done.seats.all()[:7]:
        model("matches", "Report").objects.create(seat=seat, match=done, result="A-win", violations=[users[2].pk])
    _match(model, users[10:20], phase="lobby", voice_channel=3, deadline=THEN + timedelta(minutes=2))
    model("realtime", "Head").objects.create(stream="queue", epoch="old", seq=41, document={"total_waiting": 7})
    model("realtime", "Mark").objects.create(stream="queue")


def _match(model: Any, users: list[Any], **fields: Any) -> Any:
    match = model("matches", "Match").objects.create(host=users[0], matched_at=THEN, **fields)
    for number, user in enumerate(users):
        model("matches", "Seat").objects.create(
            match=match,
            user=user,
            team="AB"[number % 2],
            role=ROLES[number // 2],
            selected_roles=[ROLES[number // 2], "TANK"],
            queued_at=THEN,
            is_open="result" not in fields,
            rate_before=1500,
            rate_after=1510 if "result" in fields else None,
            rate_delta=10 if "result" in fields else None,
            trainer_name=user.trainer_name,
        )
    return match


def read() -> dict[str, Any]:
    """What the service of now makes of them."""
    from django.db.models import Sum  # noqa: PLC0415

    from matches.models import Match, Report, Season, Seat  # noqa: PLC0415
    from queue_app.models import Entry  # noqa: PLC0415
    from realtime.models import DirtyStream  # noqa: PLC0415
    from realtime.publishing.publisher import publish_dirty, snapshots  # noqa: PLC0415
    from users.models import OwnedBadge, Penalty, User  # noqa: PLC0415

    publish_dirty()
    streams = ["queue", *(f"match_{pk}" for pk in Match.objects.order_by("status").values_list("pk", flat=True))]
    streams += [f"user_{pk}" for pk in User.objects.order_by("pk").values_list("pk", flat=True)]
    mirrors = snapshots(streams)
    User.objects.filter(trainer_name="Player 3").update(bio="new")  # past all signals
    return {
        "rows": {
            each.__name__: each.objects.count()
            for each in (User, OwnedBadge, Penalty, Entry, Season, Match, Seat, Report)
        },
        "rates": User.objects.aggregate(Sum("rate"))["rate__sum"],
        "queue": [mirrors[0].epoch, mirrors[0].seq, mirrors[0].document["total_waiting"]],
        "matches": [[len(mirror.document["players"]), mirror.document["phase"]] for mirror in mirrors[1:3]],
        "names": [mirror.document["trainer_name"] for mirror in mirrors[3:]],
        "badges": mirrors[4].document["badges"],
        "marked": list(DirtyStream.objects.values_list("stream", flat=True)),
        "points": mirrors[5].document["penalty"]["points"],
    }


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "write":
        write()
    else:
        print(json.dumps(read()))
