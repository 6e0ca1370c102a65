"""The end of a match: ratings once, in one transaction, and what is kept."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import models

from matches.models import Match, Seat, Status
from matches.services import match_close, match_create, match_decide, match_report, matches_advance
from queue_app.services import entry_create
from realtime.models import Presence, Worker
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, proposal_of, report_all
from tests.scenes import open_lobby
from users.errors import Conflict, Invalid
from users.models import Badge, OwnedBadge, User
from users.roles import ROLES
from users.services import profile_update

pytestmark = pytest.mark.django_db
END = NOON + timedelta(minutes=20)


def close(match, result="A-win", now=END):
    return match_close(match_id=match.match_id, result=result, now=now)


def accounts() -> dict[str, dict]:
    return {
        row.pop("user_id"): row
        for row in User.objects.values("user_id", "rate", "max_rate", "last_rate_delta", "match_count", "win_count")
    }


def test_a_win_moves_ratings_and_counts(match, ten):
    done = close(match, "A-win")
    assert (done.status, done.phase, done.result, done.closed_at) == ("done", "done", "A-win", END)
    assert done.deadline is None
    for number, user in enumerate(User.objects.order_by("trainer_name")):
        won = number < 5
        assert user.last_rate_delta == (FIRST_WIN if won else FIRST_LOSS)
        assert user.rate == 1500 + user.last_rate_delta
        assert user.max_rate == max(1500, user.rate)
        assert user.rating_deviation == pytest.approx(247.8, abs=0.1)
        assert user.rating_mean == pytest.approx(1500 + (33.5 if won else -33.5), abs=0.1)
        assert (user.match_count, user.win_count) == (1, int(won))
        seat = Seat.objects.get(user=user)
        assert (seat.rate_before, seat.rate_after, seat.rate_delta) == (1500, user.rate, user.last_rate_delta)
        assert not seat.is_open


def test_an_invalid_match_moves_nothing(match, ten):
    before = accounts()
    close(match, "invalid")
    assert accounts() == before
    for seat in Seat.objects.all():
        assert (seat.rate_before, seat.rate_after, seat.rate_delta, seat.is_open) == (1500, 1500, 0, False)


def test_a_match_is_closed_once(match, ten):
    close(match, "A-win")
    before = accounts()
    with pytest.raises(Conflict) as refusal:
        close(match, "B-win")
    assert refusal.value.get_codes() == "match_done"
    match_decide(match_id=match.match_id, now=END, time_up=True)
    matches_advance(now=END + timedelta(hours=1))
    assert accounts() == before
    assert Match.objects.get().result == "A-win"


def test_there_is_no_other_result(match):
    with pytest.raises(Invalid):
        close(match, "draw")


def test_a_match_that_fails_to_close_stays_open_with_its_ratings_unapplied(match, ten):
    before = accounts()
    report_all(match, ten, ["A-win"] * 5, END)
    with mock.patch.object(Match, "save", side_effect=RuntimeError), pytest.raises(RuntimeError):
        match_report(match_id=match.match_id, user_id=ten[5].user_id, result="A-win", now=END)
    assert accounts() == before
    assert Match.objects.get().status == Status.MATCHED
    assert Match.objects.get().reports.count() == 5
    match_report(match_id=match.match_id, user_id=ten[5].user_id, result="A-win", now=END)
    assert Match.objects.get().status == Status.DONE


def test_a_match_is_rated_as_its_players_stand_when_it_closes(match, ten):
    User.objects.filter(pk=ten[0].pk).update(rate=1600, max_rate=1700, rating_mean=1600)
    close(match, "A-win")
    ten[0].refresh_from_db()
    seat = Seat.objects.get(user=ten[0])
    assert 0 < seat.rate_delta < FIRST_WIN  # of the stronger team it was to be expected
    assert (ten[0].rate, ten[0].max_rate, ten[0].last_rate_delta) == (1600 + seat.rate_delta, 1700, seat.rate_delta)
    assert (seat.rate_before, seat.rate_after) == (1500, 1600 + seat.rate_delta)


def test_what_is_shown_moves_from_where_it_was(match, ten):
    """As after an upgrade, which leaves alone what is shown."""
    User.objects.filter(pk=ten[0].pk).update(rate=1623, max_rate=1700)
    close(match, "A-win")
    ten[0].refresh_from_db()
    assert (ten[0].rate, ten[0].max_rate) == (1623 + FIRST_WIN, 1700)


def test_a_rating_stops_at_zero(ten):
    User.objects.update(rate=5)
    made = match_create(proposal=proposal_of(ten), now=NOON)
    close(made, "A-win")
    loser = User.objects.get(pk=ten[9].pk)
    assert (loser.rate, loser.last_rate_delta) == (0, -5)
    assert Seat.objects.get(user=loser).rate_delta == -5


def test_two_matches_of_one_player_both_count_once(match, ten, make_user):
    """A player who has reported the first may be in a second before the first is closed."""
    open_lobby(match)
    match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
    others = [ten[0], *(make_user() for _ in range(9))]
    for user in others:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
    second = match_create(proposal=proposal_of(others), now=NOON)
    close(second, "A-win")
    close(match, "A-win")
    ten[0].refresh_from_db()
    assert (ten[0].match_count, ten[0].win_count) == (2, 2)
    seats = list(ten[0].seats.order_by("rate_after"))
    assert [seat.match_id for seat in seats] == [second.match_id, match.match_id]  # as they were closed
    assert [seat.rate_before for seat in seats] == [1500, 1500]
    assert seats[0].rate_after == 1500 + FIRST_WIN
    assert seats[1].rate_after == ten[0].rate == seats[0].rate_after + seats[1].rate_delta


def test_a_profile_changed_by_a_stale_request_does_not_undo_a_rating(match, ten):
    stale = User.objects.get(pk=ten[0].pk)
    close(match, "A-win")
    profile_update(user=stale, bio="hello")
    fresh = User.objects.get(pk=ten[0].pk)
    assert (fresh.bio, fresh.rate, fresh.match_count) == ("hello", 1500 + FIRST_WIN, 1)


def test_a_finished_match_keeps_how_its_players_looked(match, ten):
    badge = Badge.objects.create(badge_id="a-badge", name="A", earned_by="playing")
    OwnedBadge.objects.create(user=ten[0], badge=badge, place=1)
    worker = Worker.objects.create(worker_id="w", expires_at=NOON)
    Presence.objects.create(worker=worker, owner=ten[0].user_id)
    close(match)
    User.objects.update(trainer_name="renamed")
    OwnedBadge.objects.update(place=None)
    Presence.objects.all().delete()
    seat = Seat.objects.get(user=ten[0])
    assert (seat.trainer_name, seat.badges, seat.was_online) == ("p0", ["a-badge"], True)
    other = Seat.objects.get(user=ten[1])
    assert (other.trainer_name, other.badges, other.was_online) == ("p1", [], False)


def test_staff_decide_with_what_there_is(match, ten):
    report_all(match, [*ten[:2], ten[5]], ["B-win"] * 3, END)
    match_decide(match_id=match.match_id, now=END)
    assert Match.objects.get().status == Status.MATCHED
    match_decide(match_id=match.match_id, now=END, time_up=True)
    assert Match.objects.get().result == "B-win"


def test_one_match_that_cannot_be_closed_holds_up_no_other(ten, make_user):
    first = match_create(proposal=proposal_of(ten), now=NOON)
    others = [make_user() for _ in range(10)]
    for user in others:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
    second = match_create(proposal=proposal_of(others), now=NOON)
    broken, sound = sorted((first, second), key=lambda match: match.match_id)
    save = models.Model.save

    def save_unless_broken(self, **options):
        if isinstance(self, Match) and self.pk == broken.pk:
            raise RuntimeError
        save(self, **options)

    with mock.patch.object(Match, "save", save_unless_broken):
        assert matches_advance(now=NOON + timedelta(minutes=40)) == 1
    assert Match.objects.get(pk=sound.pk).status == Status.DONE
    assert Match.objects.get(pk=broken.pk).status == Status.MATCHED
    assert matches_advance(now=NOON + timedelta(minutes=40)) == 1
