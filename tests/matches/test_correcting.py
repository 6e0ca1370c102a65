"""Correcting a result: ratings are what they would have been."""

from datetime import timedelta

import pytest

from matches.models import Match, RatingChange, Season, Seat
from matches.selectors import records
from matches.services import (
    match_close,
    match_correct_result,
    match_create,
    match_report,
    replaying,
    season_close,
    season_open,
)
from queue_app.services import entry_create
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, UNKNOWN, proposal_of
from tests.scenes import open_lobby
from users.errors import Conflict, Invalid, NotFound
from users.models import Penalty, User
from users.roles import ROLES

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RATED = ("rate", "max_rate", "last_rate_delta", "rating_mean", "rating_deviation", "match_count", "win_count")


def play(users, now, result="A-win") -> Match:
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    match = match_create(proposal=proposal_of(users), now=now)
    return match_close(match_id=match.match_id, result=result, now=now)


def correct(match, result) -> None:
    match_correct_result(match_id=match.match_id, result=result)


def accounts(users) -> list[tuple]:
    """What is known of these players, in their order."""
    rows = {row.pop("user_id"): tuple(row.values()) for row in User.objects.values("user_id", *RATED)}
    return [rows[user.user_id] for user in users]


def moves(users) -> list[list[tuple]]:
    """The journal of each of these players."""
    columns = ("matches_before", "mean_before", "rate_before", "max_rate_before", "mean_after", "rate_after")
    return [list(RatingChange.objects.filter(user=user).values_list(*columns, "deviation_after")) for user in users]


def deltas(users) -> list[list[int]]:
    """What each match has moved of these players."""
    return [list(Seat.objects.filter(user=user).order_by("pk").values_list("rate_delta", flat=True)) for user in users]


def evening(make_user, results) -> tuple[list[User], list[Match]]:
    """Thirty players in six matches that have players in common, a season opened before the last."""
    users = [make_user() for _ in range(30)]
    season = season_open(season=Season(name="one"), now=NOON - HOUR)
    tens = [users[:10], users[20:], users[5:15], users[10:20], users[::3]]
    matches = [
        play(ten, NOON + number * HOUR, result) for number, (ten, result) in enumerate(zip(tens, results, strict=False))
    ]
    season_close(season=season, now=NOON + 5 * HOUR)
    season_open(season=Season(name="two"), now=NOON + 6 * HOUR)
    return users, [*matches, play(users[15:25], NOON + 7 * HOUR, results[-1])]


@pytest.mark.parametrize(
    ("number", "was", "result"),
    [
        (0, "B-win", "A-win"),  # with all that follows: the third, fourth and fifth match, the season, the sixth
        (0, "A-win", "invalid"),
        (1, "invalid", "B-win"),
        (2, "A-win", "B-win"),
        (4, "invalid", "A-win"),
        (5, "A-win", "invalid"),
    ],
)
def test_all_is_as_if_the_result_had_been_right_from_the_beginning(make_user, number, was, result):
    right = ["A-win", "B-win", "B-win", "invalid", "A-win", "A-win"]
    wrong = list(right)
    right[number], wrong[number] = result, was
    users, matches = evening(make_user, wrong)
    uncorrected = accounts(users)
    correct(matches[number], result)
    corrected = accounts(users), moves(users), deltas(users)
    assert corrected[0] != uncorrected
    Season.objects.update(state="closed", ends_at=NOON + 8 * HOUR)
    RatingChange.objects.filter(match=None).delete()
    Season.objects.all().delete()  # the second evening begins anew
    others, _ = evening(make_user, right)
    assert corrected == (accounts(others), moves(others), deltas(others))


def test_back_and_forth_leaves_all_as_it_was(make_user):
    users, matches = evening(make_user, ["A-win", "B-win", "B-win", "invalid", "A-win", "A-win"])
    before = accounts(users), moves(users), deltas(users)
    for result in ("invalid", "B-win", "A-win"):
        correct(matches[0], result)
    assert (accounts(users), moves(users), deltas(users)) == before


def test_a_win_becomes_a_loss(ten):
    match = play(ten, NOON)
    correct(match, "B-win")
    winner, loser = User.objects.get(pk=ten[9].pk), User.objects.get(pk=ten[0].pk)
    assert (winner.rate, winner.max_rate, winner.last_rate_delta) == (1500 + FIRST_WIN, 1500 + FIRST_WIN, FIRST_WIN)
    assert (loser.rate, loser.max_rate, loser.last_rate_delta) == (1500 + FIRST_LOSS, 1500, FIRST_LOSS)
    assert (winner.match_count, winner.win_count, loser.match_count, loser.win_count) == (1, 1, 1, 0)
    (record,) = records(loser.user_id)
    assert (record.rate_before, record.rate_after, record.rate_delta) == (1500, loser.rate, FIRST_LOSS)
    match.refresh_from_db()
    assert (match.result, match.closed_at) == ("B-win", NOON)


def test_who_has_met_none_of_them_since_is_left_alone(ten, make_user):
    strangers = [make_user() for _ in range(10)]
    earlier = play(ten, NOON)
    match = play(ten, NOON + HOUR)
    play(strangers, NOON + 2 * HOUR)
    before = accounts(strangers), moves(strangers), list(earlier.rating_changes.values())
    correct(match, "invalid")
    assert (accounts(strangers), moves(strangers), list(earlier.rating_changes.values())) == before
    user = User.objects.get(pk=ten[0].pk)
    assert (user.rate, user.match_count, user.last_rate_delta) == (1500 + FIRST_WIN, 1, FIRST_WIN)


def test_what_was_shown_at_the_matching_stays(ten):
    match = play(ten, NOON)
    later = play(ten, NOON + HOUR)
    correct(match, "B-win")
    seat = later.seats.get(user=ten[0])
    assert seat.rate_before == 1500 + FIRST_WIN
    assert seat.rate_after == 1500 + FIRST_LOSS + seat.rate_delta


def test_final_ranks_and_points_for_misconduct_stay_as_they_were_given(ten):
    season = season_open(season=Season(name="one"), now=NOON - HOUR)
    for user in ten:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
    match = match_create(proposal=proposal_of(ten), now=NOON)
    open_lobby(match)
    for user in ten[1:7]:
        match_report(
            match_id=match.match_id, user_id=user.user_id, result="A-win", violations=[ten[0].user_id], now=NOON
        )
    season_close(season=season, now=NOON + HOUR)
    before = list(season.ranks.values()), list(Penalty.objects.values())
    assert len(before[0]) == 10
    assert len(before[1]) == 1
    correct(match, "B-win")
    assert (list(season.ranks.values()), list(Penalty.objects.values())) == before


def test_the_same_result_changes_nothing(ten):
    match = play(ten, NOON)
    before = accounts(ten), moves(ten)
    correct(match, "A-win")
    assert (accounts(ten), moves(ten)) == before


def test_what_is_not_done_is_not_corrected(match):
    with pytest.raises(Conflict) as refusal:
        correct(match, "A-win")
    assert refusal.value.get_codes() == "match_open"


def test_nor_what_was_rated_before_there_was_a_journal(ten):
    match = play(ten, NOON)
    RatingChange.objects.all().delete()
    before = accounts(ten)
    with pytest.raises(Conflict) as refusal:
        correct(match, "B-win")
    assert refusal.value.get_codes() == "not_in_journal"
    assert Match.objects.get().result == "A-win"
    assert accounts(ten) == before


@pytest.mark.parametrize("result", ["", "draw", "a-win", None, 1, []])
def test_there_is_no_other_result(ten, result):
    with pytest.raises(Invalid):
        correct(play(ten, NOON), result)


@pytest.mark.parametrize("match_id", [UNKNOWN, "x", "\x00"])
def test_no_such_match(db, match_id):
    with pytest.raises(NotFound):
        match_correct_result(match_id=match_id, result="A-win")


def test_a_correction_that_fails_leaves_nothing_behind(ten, monkeypatch):
    match = play(ten, NOON)
    play(ten, NOON + HOUR)
    before = accounts(ten), moves(ten), deltas(ten)

    def fail(users):
        raise RuntimeError

    monkeypatch.setattr(replaying, "users_save", fail)
    with pytest.raises(RuntimeError):
        correct(match, "B-win")
    assert (accounts(ten), moves(ten), deltas(ten)) == before
    match.refresh_from_db()
    assert match.result == "A-win"


def test_players_of_a_match_that_is_closed_before_the_accounts_are_locked_are_replayed_too(ten, monkeypatch):
    match = play(ten, NOON)
    events_from = replaying._events_from
    readings = []

    def read_too_early(match):
        readings.append(match)
        return events_from(match)[: 1 if len(readings) == 1 else None]

    others = [ten[0], *(User.objects.create(subject=f"other {number}", trainer_name="other") for number in range(9))]
    play(others, NOON + HOUR)
    monkeypatch.setattr(replaying, "_events_from", read_too_early)
    correct(match, "B-win")
    assert len(readings) == 3
    assert RatingChange.objects.get(user=ten[0], match=match).rate_after == 1500 + FIRST_LOSS
    assert User.objects.get(pk=others[9].pk).rate != 1500 + FIRST_LOSS  # beaten by a weaker team than it was
