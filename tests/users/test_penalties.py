"""Penalties by rule: once a source, longer with each point, worked off from the oldest on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from users import services
from users.errors import Invalid
from users.models import Penalty, User
from users.selectors import penalised, penalties_of, penalty_points, working_off_since

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def user(make_user) -> User:
    return make_user("Ann")


def misbehave(user, source="match-1", now=NOW) -> Penalty:
    return services.penalty_for_misconduct(user=user, reason="left", source=source, cause="absent", now=now)


def is_kept_out(user, now) -> bool:
    return User.objects.filter(penalised(now), pk=user.pk).exists()


def test_each_point_adds_half_an_hour(user):
    untils = [misbehave(user, f"match-{number}").until for number in range(3)]
    assert untils == [NOW + timedelta(minutes=30 * number) for number in (1, 2, 3)]


def test_in_a_simulation_a_time_out_is_as_much_shorter(user, settings):
    settings.UNITEMATE_TIME_SCALE = 60.0
    assert misbehave(user).until == NOW + timedelta(seconds=30)


def test_once_a_source_even_if_it_was_lifted(user):
    first = misbehave(user)
    services.penalty_lift(penalty=first)
    again = misbehave(user, now=NOW + HOUR)
    assert (again.pk, again.given_at) == (first.pk, NOW)
    assert penalty_points(user.pk) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Penalty.objects.create(user=user, reason="by hand", source="match-1")
    Penalty.objects.create(user=user, reason="by hand")
    Penalty.objects.create(user=user, reason="by hand")


def test_a_reason_is_needed(user):
    with pytest.raises(Invalid):
        services.penalty_for_misconduct(user=user, reason=" ", source="match-1", cause="absent")


def test_lifting_ends_the_time_out(user):
    penalty = misbehave(user)
    assert is_kept_out(user, NOW)
    assert not is_kept_out(user, NOW + timedelta(minutes=30))
    services.penalty_lift(penalty=penalty)
    assert not is_kept_out(user, NOW)


def test_six_points_bar_and_five_do_not(user):
    for number in range(5):
        misbehave(user, f"match-{number}")
    assert not is_kept_out(user, NOW + 365 * 24 * HOUR)
    misbehave(user, "match-5")
    assert is_kept_out(user, NOW + 365 * 24 * HOUR)
    services.penalty_work_off(user=user, now=NOW)
    assert not is_kept_out(user, NOW + 365 * 24 * HOUR)


def test_points_are_worked_off_from_the_oldest_on_and_their_rows_stay(user):
    old = services.penalty_give(user=user, points=2, reason="old", now=NOW)
    new = services.penalty_give(user=user, points=1, reason="new", now=NOW + HOUR)
    worked_off = []
    while services.penalty_work_off(user=user, now=NOW + 2 * HOUR):
        for penalty in (old, new):
            penalty.refresh_from_db()
        worked_off.append((old.worked_off, new.worked_off, penalty_points(user.pk)))
    assert worked_off == [(1, 0, 2), (2, 0, 1), (2, 1, 0)]
    assert Penalty.objects.filter(lifted_at=None).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Penalty.objects.update(worked_off=5)


def test_what_the_player_sees_are_the_points_that_are_left(user):
    services.penalty_give(user=user, points=3, reason="old", now=NOW)
    services.penalty_work_off(user=user, now=NOW + HOUR)
    assert penalties_of([user.pk]) == {user.pk: {"points": 2, "until": None}}


def test_since_when_play_counts(user):
    assert working_off_since([user.pk]) == {}
    services.penalty_give(user=user, points=2, reason="old", now=NOW)
    services.penalty_give(user=user, points=1, reason="new", now=NOW + HOUR)
    assert working_off_since([user.pk]) == {user.pk: NOW}
    services.penalty_work_off(user=user, now=NOW + 3 * HOUR)
    assert working_off_since([user.pk]) == {user.pk: NOW + 3 * HOUR}
    for penalty in Penalty.objects.all():
        services.penalty_lift(penalty=penalty)
    assert working_off_since([user.pk]) == {}
    services.penalty_give(user=user, points=1, reason="newest", now=NOW + 5 * HOUR)
    assert working_off_since([user.pk]) == {user.pk: NOW + 5 * HOUR}
