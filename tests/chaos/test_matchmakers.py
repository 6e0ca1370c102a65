"""Matchmakers killed at work: nobody is seated twice, no voice pair and no player is lost.

A short form runs with the other tests; `make chaos` runs 1,000 rounds, many of which find too few who wait.
"""

import json
import os
import random
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.exceptions import APIException

from matches.models import Match, Seat, Status
from matches.services import match_mark_missing, match_report, match_set_lobby, matches_advance, matchmaking_round
from queue_app.models import Entry
from queue_app.services import entry_create, entry_delete
from users.models import START_RATE, Penalty, User
from users.roles import ROLES

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]

ROUNDS = 1000 if os.environ.get("CHAOS") == "whole" else 80
PLAYERS = 40
TIME_SCALE = 600.0
"""A quarter of a second for the lobby, four for a match, three for a time-out."""
SEED = 7


def something_happens(users: list[User], chance: random.Random) -> None:
    """A player does something that players do; a refusal is an answer."""
    user_id = chance.choice(users).user_id
    seat = Seat.objects.filter(user_id=user_id, is_open=True).select_related("match").first()
    try:
        if seat is None:
            if chance.random() < 0.1:
                entry_delete(user_id=user_id)
            else:
                entry_create(user_id=user_id, selected_roles=chance.sample(ROLES, chance.randint(2, 5)))
        elif seat.match.host_id == user_id and chance.random() < 0.8:
            match_set_lobby(match_id=seat.match_id, user_id=user_id, lobby_id=f"{chance.randrange(10**8):08d}")
        elif seat.match.phase == "joining" and chance.random() < 0.3:
            missing = seat.match.seats.order_by("user_id").exclude(user=user_id).first()
            match_mark_missing(match_id=seat.match_id, user_id=user_id, missing_user_id=missing.user_id)
        else:
            result = chance.choice(["A-win", "A-win", "A-win", "B-win", "invalid"])
            match_report(match_id=seat.match_id, user_id=user_id, result=result)
    except APIException:
        pass


def check() -> None:
    """What must hold at every moment."""
    opened = list(Seat.objects.filter(is_open=True).values_list("user_id", flat=True))
    assert len(opened) == len(set(opened))
    assert not Entry.objects.filter(user__in=opened).exists()
    pairs = list(Match.objects.filter(status=Status.MATCHED).values_list("voice_channel", flat=True))
    assert None not in pairs
    assert len(pairs) == len(set(pairs))
    for match in Match.objects.prefetch_related("seats"):
        assert sorted((seat.team, seat.role) for seat in match.seats.all()) == sorted(
            (team, role) for team in "AB" for role in ROLES
        )


def test_two_matchmakers_under_kills(make_user, settings):
    settings.UNITEMATE_TIME_SCALE = TIME_SCALE
    users = [make_user() for _ in range(PLAYERS)]
    chance = random.Random(SEED)
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    killing = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.matchmakers", str(ROUNDS), str(SEED)],
        env=os.environ | {"DATABASE_URL": url, "UNITEMATE_TIME_SCALE": str(TIME_SCALE), "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        happened = 0
        while killing.poll() is None:
            something_happens(users, chance)
            happened += 1
            if happened % 500 == 0:
                check()
        told = json.loads(killing.communicate()[0])
    finally:
        killing.kill()
    print(f"{told}, {happened} deeds of players, {Match.objects.count()} matches")
    assert told["rounds"] >= ROUNDS
    assert told["kills"] > ROUNDS / 40
    assert Match.objects.count() > happened / 200  # something was at stake
    check()

    late = timezone.now() + timedelta(hours=1)
    matches_advance(now=late)
    assert not Match.objects.filter(status=Status.MATCHED).exists()
    moved: dict[str, int] = dict.fromkeys((user.user_id for user in users), START_RATE)
    for seat in Seat.objects.all():
        moved[seat.user_id] += seat.rate_delta
    assert moved == dict(User.objects.filter(pk__in=list(moved)).values_list("user_id", "rate"))
    Penalty.objects.update(lifted_at=late)
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=late)
    last = matchmaking_round(now=late + timedelta(minutes=30))
    assert sorted(match.voice_channel for match in last) == [1, 3, 5, 7]
    assert not Entry.objects.exists()
