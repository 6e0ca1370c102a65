"""The writer: a process of its own that changes what the mirrors show, and says what it does.

`python -m tests.chaos.writer set-up` makes the players and a match and prints their ids;
`… write` says that it is ready and writes until it is told to stop (SIGTERM). Values are numbers that
only rise. Each is announced before it is written, on a line of its own, since after a crash nobody can
say whether a commit has happened. A negative number is written only to be rolled back.
"""

import itertools
import json
import os
import random
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unitemate.settings")
django.setup()

from django.db import Error, connection, transaction  # noqa: E402

from matches.models import Match  # noqa: E402
from queue_app.models import Entry  # noqa: E402
from tests.scenes import make_match  # noqa: E402
from users.models import User  # noqa: E402

PLAYERS = 16
"""Ten are in the match; the others come to the queue and go."""
SECONDS_BETWEEN_WRITES = 0.01
"""Seconds between two writes."""


def set_up() -> None:
    """Make players whose names the development login knows, and a match of ten of them."""
    users = [
        User.objects.create(subject=f"dev|chaos {index}", trainer_name=f"chaos {index}", bio="0")
        for index in range(PLAYERS)
    ]
    match = make_match(users[:10])
    print(json.dumps({"users": {user.trainer_name: user.pk for user in users}, "match": match.pk}))


def write() -> None:
    """Write for ever."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    users = list(User.objects.order_by("pk"))
    match = Match.objects.get()
    waiting = [user for user in users if not match.seats.filter(user=user).exists()]
    numbers = itertools.count(1)
    _say("ready", next(numbers))
    kinds = [_save, _save, _update, _roll_back, _queue, _lobby]
    while not stopping:
        try:
            random.choice(kinds)(users, waiting, match, next(numbers))
        except Error:
            connection.close()
            time.sleep(0.1)
        time.sleep(SECONDS_BETWEEN_WRITES)
    _say("stopped", next(numbers))


def _say(stream: str, number: int) -> None:
    print(json.dumps([stream, number]), flush=True)


def _save(users: list[User], waiting: list[User], match: Match, number: int) -> None:
    user = random.choice(users)
    _say(f"user_{user.pk}", number)
    user.bio = str(number)
    user.save(update_fields=["bio"])


def _update(users: list[User], waiting: list[User], match: Match, number: int) -> None:
    user = random.choice(users)
    _say(f"user_{user.pk}", number)
    User.objects.filter(pk=user.pk).update(bio=str(number))


def _roll_back(users: list[User], waiting: list[User], match: Match, number: int) -> None:
    with transaction.atomic():
        User.objects.filter(pk=random.choice(users).pk).update(bio=str(-number))
        Match.objects.filter(pk=match.pk).update(lobby_id="99999999")
        transaction.set_rollback(True)


def _queue(users: list[User], waiting: list[User], match: Match, number: int) -> None:
    user = random.choice(waiting)
    if not Entry.objects.filter(pk=user.pk).delete()[0]:
        Entry.objects.create(user=user, selected_roles=["TANK", "SUPPORT"])


def _lobby(users: list[User], waiting: list[User], match: Match, number: int) -> None:
    _say(f"match_{match.pk}", number)
    Match.objects.filter(pk=match.pk).update(lobby_id=f"{number:08d}")


if __name__ == "__main__":
    {"set-up": set_up, "write": write}[sys.argv[1]]()
