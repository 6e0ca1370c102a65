"""Killed between any two statements: what was begun is as if it had never been, and the next try does it all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from matches.models import Match, MissingMark, Report, Season, SeasonRank, Seat
from matches.services import (
    match_mark_missing,
    match_report,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
    season_close,
    season_open,
)
from queue_app.models import Entry
from queue_app.services import entry_create
from realtime.models import DirtyStream
from tests.matches.conftest import NOON
from tests.scenes import open_lobby
from users.models import Badge, OwnedBadge, Penalty, User
from users.roles import ROLES

pytestmark = pytest.mark.django_db(transaction=True)
MODELS = (Entry, Match, Seat, Report, MissingMark, User, Penalty, Season, SeasonRank, OwnedBadge)


class Killed(BaseException):
    """The process is no more: nothing catches this, and no further statement gets through."""


class Killer:
    """Lets some statements through and then no more.

    Attributes:
        seen: how many it was asked to let through.
    """

    def __init__(self, after: int) -> None:
        self.after, self.seen = after, 0

    def __call__(self, execute, *arguments):
        self.seen += 1
        if self.seen > self.after:
            raise Killed
        return execute(*arguments)


def state() -> dict:
    """All rows but for what chance or the database has numbered."""
    return {
        model.__name__: sorted(
            str(
                {
                    key: value
                    for key, value in row.items()
                    if key not in ("id", "match_id", "seat_id", "by_id", "source", "reason")
                }
            )
            for row in model.objects.values()
        )
        for model in MODELS
    }


def killed_everywhere(act: Callable[[], object], prepare: Callable[[], None]) -> int:
    """Do something again and again, each time killed one statement later, until it gets through.

    After each kill the state must be the one before, and nothing may be marked for the streams.
    The last time is that of another process which comes after all those that were killed.

    Returns:
        The number of kills.
    """
    prepare()
    before, marks = state(), DirtyStream.objects.count()
    kills = 0
    while True:
        killer = Killer(after=kills)
        try:
            with connection.execute_wrapper(killer):
                act()
        except Killed:
            connection.close()  # as the death of a process does
            assert state() == before, f"statement {kills + 1} left something behind"
            assert DirtyStream.objects.count() == marks
            kills += 1
        else:
            assert state() != before, "nothing has been done: the test proves nothing"
            return kills


def nothing() -> None:
    pass


def test_making_a_match(ten):
    assert killed_everywhere(lambda: matchmaking_round(now=NOON), nothing) > 10
    assert Match.objects.get().seats.count() == 10
    assert not Entry.objects.exists()


def test_each_of_several_matches_is_made_whole(make_user):
    """A kill among several matches leaves those before it, and every player in a match or in the queue."""
    users = [make_user() for _ in range(20)]
    for number, user in enumerate(users):
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON - timedelta(seconds=60 - number))
    made = []
    for after in range(0, 1000, 3):
        killer = Killer(after)
        try:
            with connection.execute_wrapper(killer):
                matchmaking_round(now=NOON)
        except Killed:
            connection.close()
        seated = Seat.objects.filter(is_open=True).values_list("user_id", flat=True)
        assert Match.objects.count() * 10 == len(seated) == len(set(seated))
        assert set(seated).isdisjoint(Entry.objects.values_list("user_id", flat=True))
        assert len(seated) + Entry.objects.count() == 20
        made.append(Match.objects.count())
        if made[-1] == 2:
            break
    assert made[-1] == 2
    assert 1 in made
    pairs = list(Match.objects.values_list("voice_channel", flat=True))
    assert sorted(pairs) == [1, 3]


def test_the_report_that_decides(match, ten):
    open_lobby(match)
    for user in ten[:5]:
        match_report(
            match_id=match.match_id, user_id=user.user_id, result="A-win", violations=[ten[9].user_id], now=NOON
        )
    report = {"match_id": match.match_id, "user_id": ten[5].user_id, "result": "A-win", "violations": [ten[9].user_id]}
    assert killed_everywhere(lambda: match_report(**report, now=NOON), nothing) > 10
    assert Match.objects.get().result == "A-win"
    assert Penalty.objects.get().user == ten[9]


def test_the_second_miss_of_a_host(match, ten):
    matches_advance(now=NOON + timedelta(seconds=150))
    killed_everywhere(lambda: matches_advance(now=NOON + timedelta(seconds=300)), nothing)
    assert (Match.objects.get().result, Entry.objects.count(), Penalty.objects.count()) == ("invalid", 8, 2)


def test_the_fifth_who_says_that_a_player_is_missing(match, ten):
    match_set_lobby(match_id=match.match_id, user_id=ten[0].user_id, lobby_id="12345678", now=NOON)
    mark = {"match_id": match.match_id, "missing_user_id": ten[9].user_id, "now": NOON}
    for user in ten[:4]:
        match_mark_missing(user_id=user.user_id, **mark)
    killed_everywhere(lambda: match_mark_missing(user_id=ten[4].user_id, **mark), nothing)
    assert (Match.objects.get().result, Entry.objects.count(), Penalty.objects.count()) == ("invalid", 9, 1)


def test_closing_a_season(match, ten):
    season = season_open(season=Season(name="one"), now=NOON)
    open_lobby(match)
    for user in ten[:6]:
        match_report(match_id=match.match_id, user_id=user.user_id, result="A-win", now=NOON)
    killed_everywhere(lambda: season_close(season=season, now=NOON + timedelta(days=1)), nothing)
    assert (SeasonRank.objects.count(), Badge.objects.filter(badge_id__startswith="season-").count()) == (10, 2)
