"""Every service of matches and seasons reaches the streams, whole and true."""

from datetime import timedelta

import pytest

from matches.matchmaking import propose
from matches.models import Season
from matches.selectors import tickets
from matches.services import (
    attendance_note,
    match_close,
    match_correct_result,
    match_create,
    match_decide,
    match_hand_host,
    match_mark_missing,
    match_pass_host,
    match_report,
    match_seen,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
    season_close,
    season_open,
    seasons_advance,
)
from queue_app.services import entry_create
from realtime.models import Presence, Worker
from tests.oracle import oracle, own, stream_of
from tests.scenes import NOW, at, make_match, open_lobby, players, queue_up, report_all
from users.roles import ROLES

pytestmark = pytest.mark.django_db


def test_matchmaking_round():
    ten = players()
    queue_up(ten)
    with oracle("queue", *map(own, ten)) as pushes:
        (match,) = matchmaking_round(now=at(60))
    assert pushes.of("queue") == 1
    assert {pushes.of(own(user)) for user in ten} == {1}
    assert match.seats.count() == 10


def test_match_create():
    ten = players()
    queue_up(ten)
    (proposal,) = propose(tickets(at(60)), at(60).timestamp())
    with oracle("queue", *map(own, ten)):
        assert match_create(proposal=proposal, now=at(60)) is not None


def test_match_set_lobby():
    match = make_match()
    with oracle(stream_of(match), unchanged=("queue", own(match.host))) as pushes:
        match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=at(70))
    assert pushes.of(stream_of(match)) == 1


def test_match_hand_host():
    match = make_match()
    other = match.seats.exclude(user=match.host).first().user
    with oracle(stream_of(match)):
        match_hand_host(match_id=match.match_id, user_id=match.host_id, host_user_id=other.user_id, now=at(70))


def test_match_report():
    match = make_match()
    seat = match.seats.first()
    open_lobby(match)
    with oracle(stream_of(match), unchanged=("queue",)) as pushes:
        match_report(match_id=match.match_id, user_id=seat.user_id, result="A-win", now=at(600))
    assert pushes.of(stream_of(match)) == 1


@pytest.mark.parametrize("result", ["A-win", "B-win", "invalid"])
def test_match_close_shows_everywhere(result):
    match = make_match()
    ten = [seat.user for seat in match.seats.select_related("user")]
    with oracle(stream_of(match), "queue", *map(own, ten)):
        match_close(match_id=match.match_id, result=result, now=at(600))


def test_match_correct_result_reaches_the_match_later_ones_and_all_who_played_in_them():
    ten, others = players(), players(5, "other")
    matches = []
    for minute, users in enumerate((ten, [*ten[:5], *others])):
        for index, user in enumerate(users):
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=at(60 * minute + index))
        (match,) = matchmaking_round(now=at(60 * minute + 480))
        match_close(match_id=match.match_id, result="A-win", now=at(600 + minute))
        matches.append(match)
    strangers = make_match(players(10, "stranger"), now=at(900))
    match_close(match_id=strangers.match_id, result="A-win", now=at(1000))
    with oracle(
        *map(stream_of, matches), *map(own, [*ten, *others]), unchanged=(stream_of(strangers), "queue")
    ) as pushes:
        match_correct_result(match_id=matches[0].match_id, result="B-win")
    assert {pushes.of(stream) for stream in map(stream_of, matches)} == {1}


def test_a_late_report_shows_and_its_penalty_arrives():
    match = make_match()
    seats = list(match.seats.select_related("user"))
    named, team_mates = seats[0], seats[1:5]
    open_lobby(match)
    for seat in team_mates[:3]:
        match_report(
            match_id=match.match_id,
            user_id=seat.user_id,
            result="A-win",
            violations=[named.user_id],
            now=at(600),
        )
    match_close(match_id=match.match_id, result="A-win", now=at(600))
    with oracle(stream_of(match), own(named.user), unchanged=("queue", own(team_mates[3].user))):
        match_report(
            match_id=match.match_id,
            user_id=team_mates[3].user_id,
            result="A-win",
            violations=[named.user_id],
            now=at(700),
        )


def test_match_decide_when_the_time_is_up():
    match = make_match()
    with oracle(stream_of(match), "queue"):
        match_decide(match_id=match.match_id, now=at(3600))


def test_matches_advance_from_joining_to_playing():
    match = make_match()
    match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=at(70))
    with oracle(stream_of(match)):
        assert matches_advance(now=at(70 + 251)) == 1


def test_a_player_who_queues_again_leaves_the_match_behind():
    match = make_match()
    seat = match.seats.select_related("user").first()
    open_lobby(match)
    match_report(match_id=match.match_id, user_id=seat.user_id, result="A-win", now=at(600))
    with oracle(own(seat.user), "queue", unchanged=(stream_of(match),)):
        entry_create(user_id=seat.user_id, selected_roles=["TANK", "SUPPORT"], now=at(601))


def test_presence_shows_in_the_open_match_and_not_in_a_finished_one():
    match = make_match()
    seat = match.seats.select_related("user").first()
    worker = Worker.objects.create(worker_id="w", expires_at=NOW)
    with oracle(stream_of(match), unchanged=(own(seat.user),)):
        Presence.objects.create(worker=worker, owner=seat.user_id)
    report_all(match, count=6)
    with oracle(unchanged=(stream_of(match),)):
        worker.delete()


def test_match_pass_host_and_the_void_that_follows():
    match = make_match()
    ten = [seat.user for seat in match.seats.select_related("user")]
    with oracle(stream_of(match), unchanged=("queue", *map(own, ten))):
        match_pass_host(match_id=match.match_id, now=at(60 + 150))
    with oracle(stream_of(match), "queue", *map(own, ten)) as pushes:
        match_pass_host(match_id=match.match_id, now=at(60 + 300))
    assert pushes.of("queue") == 1
    assert {pushes.of(own(user)) for user in ten} == {1}


def test_match_mark_missing():
    match = make_match()
    ten = [seat.user for seat in match.seats.select_related("user")]
    match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=at(70))
    mark = {"match_id": match.match_id, "missing_user_id": ten[9].user_id, "now": at(80)}
    for user in ten[:4]:
        with oracle(stream_of(match), unchanged=("queue", *map(own, ten))) as pushes:
            match_mark_missing(user_id=user.user_id, **mark)
            match_mark_missing(user_id=user.user_id, **mark)
        assert pushes.of(stream_of(match)) == 1
    with oracle(stream_of(match), "queue", *map(own, ten)):
        match_mark_missing(user_id=ten[4].user_id, **mark)


def test_attendance_is_no_news():
    match = make_match()
    ann, bob = (seat.user for seat in match.seats.all()[:2])
    worker = Worker.objects.create(worker_id="w", expires_at=at(600))
    Presence.objects.create(worker=worker, owner=bob.user_id)
    with oracle(unchanged=(stream_of(match), own(ann), own(bob))):
        match_seen(match_id=match.match_id, user_id=ann.user_id, now=at(70))
        attendance_note(now=at(70))
    assert match.events.filter(kind="seen").count() == 2


def test_season_close_and_season_open():
    season = season_open(season=Season(name="one"), now=NOW)
    match = make_match()
    ten = [seat.user for seat in match.seats.select_related("user")]
    waiting = players(1, "waiting")[0]
    entry_create(user_id=waiting.user_id, selected_roles=["TANK", "SUPPORT"], now=at(70))
    report_all(match, count=6)
    with oracle("queue", own(waiting), *map(own, ten)):
        season_close(season=season, now=at(700))
    assert season.ranks.count() == 10
    with oracle(*map(own, ten), unchanged=("queue", stream_of(match))):
        season_open(season=Season(name="two"), now=at(800))


def test_seasons_advance():
    Season.objects.create(name="one", starts_at=NOW, ends_at=at(700))
    with oracle(unchanged=("queue",)):
        assert seasons_advance(now=NOW) == 1
    match = make_match()
    report_all(match, count=6)
    with oracle(*(own(seat.user) for seat in match.seats.all())):
        assert seasons_advance(now=at(700)) == 1


def test_time_between_two_matches_of_a_player_does_not_matter():
    match = make_match()
    report_all(match, count=6)
    ten = [seat.user for seat in match.seats.select_related("user")]
    with oracle("queue", *map(own, ten)):
        queue_up(ten, now=at(700))
        matchmaking_round(now=at(700) + timedelta(seconds=60))
