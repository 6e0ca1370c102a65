"""Services at the same time, in threads of their own: legal states and right answers."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.db.models import Sum
from rest_framework.exceptions import APIException

from matches.models import Match, RatingChange, Report, Seat, Status
from matches.services import (
    formation,
    match_close,
    match_correct_result,
    match_create,
    match_hand_host,
    match_mark_missing,
    match_report,
    match_seen,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
)
from queue_app.models import Entry
from queue_app.services import entry_create, entry_delete
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, proposal_of, report_all
from tests.scenes import open_lobby
from users.models import Penalty, User
from users.roles import MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5
"""Repetitions of each race: every one of its outcomes is right, so none may turn up that isn't."""


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answers, or the code of its refusal, when all begin at the same time."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [AssertionError("no answer")] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            answers[number] = call()
        except APIException as refusal:
            answers[number] = refusal.get_codes()
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers


def queue(make_user, count: int) -> list[User]:
    users = [make_user() for _ in range(count)]
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
    return users


def join(user, roles=(TANK, SUPPORT)):
    return lambda: entry_create(user_id=user.user_id, selected_roles=list(roles), now=NOON)[1]


def assert_nobody_is_seated_twice() -> None:
    opened = Counter(Seat.objects.filter(is_open=True).values_list("user_id", flat=True))
    assert all(count == 1 for count in opened.values())
    assert not Entry.objects.filter(user__in=opened).exists()
    for match in Match.objects.all():
        assert match.seats.count() == 10


def test_concurrent_matchmakers_share_the_queue(make_user):
    queue(make_user, 45)
    made = at_once(*[lambda: matchmaking_round(now=NOON)] * 3)
    matches = [match for matches in made for match in matches]
    assert Match.objects.count() == len(matches) == 4
    assert sorted(match.voice_channel for match in matches) == [1, 3, 5, 7]
    assert Entry.objects.count() == 5
    assert_nobody_is_seated_twice()


def test_two_matches_that_reach_for_the_same_voice_pair_get_one_each(make_user, monkeypatch):
    users = queue(make_user, 20)
    free = formation._free_voice_channel
    seen = []

    def both_see_the_same() -> int | None:
        number = free() if len(seen) > 1 else 1
        seen.append(number)
        return number

    monkeypatch.setattr(formation, "_free_voice_channel", both_see_the_same)
    made = at_once(
        lambda: match_create(proposal=proposal_of(users[:10]), now=NOON),
        lambda: match_create(proposal=proposal_of(users[10:]), now=NOON),
    )
    assert sorted(match.voice_channel for match in made) == [1, 3]


def test_a_double_clicked_join_makes_one_entry(make_user):
    for _ in range(ROUNDS):
        user = make_user()
        assert sorted(at_once(*[join(user)] * 4)) == [False, False, False, True]
        assert Entry.objects.filter(user=user).count() == 1


def test_join_against_formation(make_user):
    """The last one joins again, with other roles, while the match is made."""
    for _ in range(ROUNDS):
        users = queue(make_user, 10)
        match, answer = at_once(
            partial(match_create, proposal=proposal_of(users), now=NOON),
            join(users[0], (MIDDLE, TANK)),  # not the top lane that is proposed
        )
        # Whether it came before or after: the change counts from the next round, and this match is made.
        assert match is not None
        assert answer in (False, "in_match")
        assert Seat.objects.get(user=users[0]).role == TOP_LANE
        assert_nobody_is_seated_twice()
        Entry.objects.all().delete()


def test_leave_against_formation(make_user):
    for _ in range(ROUNDS):
        users = queue(make_user, 10)
        match, answer = at_once(
            partial(match_create, proposal=proposal_of(users), now=NOON),
            partial(entry_delete, user_id=users[9].user_id),
        )
        assert (match is None, answer) in ((True, True), (False, "in_match"))
        assert Entry.objects.count() == (9 if match is None else 0)
        assert_nobody_is_seated_twice()
        Entry.objects.all().delete()


def reporter(match, user, result, now=NOON):
    return lambda: match_report(match_id=match.match_id, user_id=user.user_id, result=result, now=now)[1]


def new_match(make_user) -> tuple[Match, list[User]]:
    users = queue(make_user, 10)
    match = match_create(proposal=proposal_of(users), now=NOON)
    assert match is not None
    for user in users:
        match_seen(match_id=match.match_id, user_id=user.user_id, now=NOON)
    return match, users


def assert_rated_once(match: Match) -> None:
    assert Match.objects.get(pk=match.pk).status == Status.DONE
    for seat in match.seats.select_related("user"):
        assert seat.user.match_count == 1
        assert seat.user.rate == 1500 + seat.rate_delta
        assert seat.rate_delta in (FIRST_WIN, FIRST_LOSS)


def test_ten_reports_at_once_close_the_match_once(make_user):
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        open_lobby(match)
        answers = at_once(*(reporter(match, user, "A-win") for user in users))
        assert answers.count(True) == 6  # enough to decide; whoever came later was told
        assert answers.count("match_done") == 4
        assert Report.objects.filter(match=match).count() == 6
        assert_rated_once(match)


def test_the_same_report_twice_at_once_counts_once(make_user):
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        open_lobby(match)
        assert sorted(at_once(*[reporter(match, users[0], "A-win")] * 3)) == [False, False, True]
        different = at_once(reporter(match, users[1], "A-win"), reporter(match, users[1], "B-win"))
        assert sorted(different, key=str) == [True, "already_reported"]
        assert Report.objects.filter(match=match).count() == 2
        match_close(match_id=match.match_id, result="invalid", now=NOON)


def test_report_against_the_end_of_its_time(make_user):
    end = NOON + timedelta(minutes=40)
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        report_all(match, [*users[:2], users[5]], ["A-win"] * 2 + ["B-win"] * 1, NOON)
        answer, _, _ = at_once(
            reporter(match, users[3], "B-win", end),
            lambda: matches_advance(now=end),
            lambda: matches_advance(now=end),
        )
        match.refresh_from_db()
        # Counted, it makes two against two; come too late, it leaves two against one.
        assert (answer, match.result) in ((True, "invalid"), ("match_done", "A-win"))
        if answer != True:  # noqa: E712
            assert_rated_once(match)


def test_reporting_and_queueing_again_against_the_closing(make_user):
    """A player moves on to the next match while the last is being closed."""
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        report_all(match, users, ["A-win"] * 5, NOON)
        others = queue(make_user, 9)
        join(users[0], ROLES)()
        made, _ = at_once(
            lambda: matchmaking_round(now=NOON),
            reporter(match, users[5], "A-win"),
        )
        assert len(made) == 1
        assert_rated_once(match)
        second = made[0]
        assert {seat.user_id for seat in second.seats.all()} == {user.user_id for user in [users[0], *others]}
        assert_nobody_is_seated_twice()
        match_close(match_id=second.match_id, result="invalid", now=NOON)


def test_two_matches_with_the_same_players_closed_at_once_both_count(make_user):
    for _ in range(ROUNDS):
        first, users = new_match(make_user)
        both = users[:6]
        report_all(first, both, ["A-win", "B-win", "invalid"] * 2, NOON)
        queue(make_user, 4)
        for user in reversed(both):
            join(user, ROLES)()
        (second,) = matchmaking_round(now=NOON)
        at_once(*(partial(match_close, match_id=match.match_id, result="A-win", now=NOON) for match in (first, second)))
        for user in User.objects.filter(pk__in=[user.pk for user in both]).annotate(moved=Sum("seats__rate_delta")):
            assert user.match_count == 2
            assert user.rate == 1500 + user.moved


def counted(users: list[User]) -> list[tuple]:
    rows = {
        row[0]: row[1:] for row in User.objects.values_list("pk", "rate", "rating_mean", "match_count", "win_count")
    }
    return [rows[user.pk] for user in users]


def test_corrections_at_once_and_beside_the_closing_of_later_matches(make_user):
    """Two corrections in a chain of matches, while two more with some of the players are being closed."""
    for _ in range(ROUNDS):
        users = queue(make_user, 10)
        done = []
        for number in range(2):
            if number:
                rejoin(users)
            done.append(match_create(proposal=proposal_of(users), now=NOON))
            match_close(match_id=done[-1].match_id, result="A-win", now=NOON)
        rejoin(users[:5])
        opened = match_create(proposal=proposal_of([*users[:5], *queue(make_user, 5)]), now=NOON)
        rejoin(users[5:])
        beside = match_create(proposal=proposal_of([*users[5:], *queue(make_user, 5)]), now=NOON)
        answers = at_once(
            partial(match_correct_result, match_id=done[0].match_id, result="B-win"),
            partial(match_close, match_id=opened.match_id, result="A-win", now=NOON),
            partial(match_correct_result, match_id=done[1].match_id, result="invalid"),
            partial(match_close, match_id=beside.match_id, result="B-win", now=NOON),
        )
        assert all(isinstance(answer, Match) for answer in answers)
        everyone = list(User.objects.order_by("pk"))
        at_the_time = counted(everyone)
        assert RatingChange.objects.filter(match__in=[*done, opened, beside]).count() == 40
        match_correct_result(match_id=done[0].match_id, result="A-win")
        match_correct_result(match_id=done[0].match_id, result="B-win")
        assert counted(everyone) == at_the_time  # counted one after the other it comes to the same
        assert all(user.rate == 1500 + user.moved for user in User.objects.annotate(moved=Sum("seats__rate_delta")))


def rejoin(users: list[User]) -> None:
    for user in users:
        join(user, ROLES)()


def test_host_and_lobby_at_once_leave_one_host_and_one_lobby(make_user):
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        host = User.objects.get(pk=match.host_id)
        takers = [user for user in users if user != host][:3]
        lobby = partial(match_set_lobby, match_id=match.match_id, user_id=host.user_id, lobby_id="12345678", now=NOON)
        take = partial(match_hand_host, match_id=match.match_id, now=NOON)
        answers = at_once(lobby, *(partial(take, user_id=user.user_id, host_user_id=user.user_id) for user in takers))
        match.refresh_from_db()
        assert match.host_id in {user.user_id for user in takers}
        assert (answers[0], match.lobby_id) in ((match, "12345678"), ("not_host", ""))
        match_close(match_id=match.match_id, result="invalid", now=NOON)


def test_nine_say_at_once_that_a_player_is_missing(make_user):
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=NOON)
        missing = next(user for user in users if user.user_id != match.host_id)
        mark = partial(match_mark_missing, match_id=match.match_id, missing_user_id=missing.user_id, now=NOON)
        answers = at_once(*(partial(mark, user_id=user.user_id) for user in users if user != missing))
        assert answers.count("match_done") == 4
        assert Penalty.objects.filter(user=missing).count() == 1
        assert {entry.user_id for entry in Entry.objects.all()} == {user.user_id for user in users} - {missing.user_id}
        assert_nobody_is_seated_twice()
        Entry.objects.all().delete()


def test_the_end_of_a_host_s_time_against_lobby_and_reports(make_user):
    """Whichever comes first: the match is on, or everybody is free and nobody is lost."""
    late = NOON + timedelta(seconds=150)
    for _ in range(ROUNDS):
        match, users = new_match(make_user)
        matches_advance(now=late)
        host = Match.objects.get(pk=match.pk).host_id
        other = next(user for user in users if user.user_id != host)
        lobby = partial(match_set_lobby, match_id=match.match_id, user_id=host, lobby_id="12345678")
        end = late + timedelta(seconds=150)
        answer, report, _, _ = at_once(
            partial(lobby, now=end),
            reporter(match, other, "invalid", end),
            partial(matches_advance, now=end),
            partial(matches_advance, now=end),
        )
        match.refresh_from_db()
        if match.phase == "joining":
            assert (answer, report) == (match, True)
            assert not Entry.objects.exists()
            match_close(match_id=match.match_id, result="invalid", now=end)
        else:
            assert (answer, match.result) == ("match_done", "invalid")
            free = {other.user_id} if report is True else set()
            absent = set(Penalty.objects.filter(source=match.match_id).values_list("user_id", flat=True))
            assert len(absent) == 2
            queued = set(Entry.objects.values_list("user_id", flat=True))
            assert queued == {user.user_id for user in users} - absent - free
        assert_nobody_is_seated_twice()
        Entry.objects.all().delete()


def test_a_void_match_against_a_round_that_needs_its_players(make_user):
    late = NOON + timedelta(seconds=150)
    for _ in range(ROUNDS):
        match, _ = new_match(make_user)
        matches_advance(now=late)
        queue(make_user, 2)
        end = late + timedelta(seconds=150)
        _, made = at_once(partial(matches_advance, now=end), partial(matchmaking_round, now=end))
        end += timedelta(minutes=8)  # from then on any match will do
        made += matchmaking_round(now=end)
        assert len(made) == 1
        assert Penalty.objects.filter(source=match.match_id).count() == 2
        assert_nobody_is_seated_twice()
        match_close(match_id=made[0].match_id, result="invalid", now=end)
