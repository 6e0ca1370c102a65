"""The hours of play, which are told in Japan's time and may go past midnight."""

from datetime import UTC, datetime, timedelta

import pytest

from matches.checks import hours as check
from matches.hours import match_hours
from queue_app.services import entry_create, entry_delete
from staff.hours import parse
from users.errors import Forbidden
from users.roles import MIDDLE, SUPPORT, TANK


def at(hour: int, minute: int = 0) -> datetime:
    """That time in Japan, in UTC."""
    return datetime(2026, 1, 2, hour, minute, tzinfo=UTC).replace(hour=(hour - 9) % 24)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("14:00-02:00", [at(14), at(23, 59), at(0), at(1, 59)], [at(2), at(9), at(13, 59)]),
        ("09:30-17:00", [at(9, 30), at(16, 59)], [at(17), at(9, 29), at(0)]),
        ("22:00 - 00:00", [at(22), at(23, 59)], [at(0), at(21, 59)]),
    ],
)
def test_which_moments_they_hold(text, inside, outside):
    hours = parse(text)
    assert all(hours.include(moment) for moment in inside)
    assert not any(hours.include(moment) for moment in outside)


def test_when_they_begin_next():
    hours = parse("14:00-02:00")
    assert hours.next_opening(at(13, 59)) == at(14)
    assert hours.next_opening(at(9)) == at(14)
    assert hours.next_opening(at(14)) == at(14) + timedelta(days=1)
    assert hours.next_opening(at(14) + timedelta(hours=11, minutes=59)) == at(14) + timedelta(days=1)


@pytest.mark.parametrize("text", ["14-2-3", "14:00", "14:00-14:00", "25:00-02:00", "always", "14:00+01:00-15:00"])
def test_what_are_no_hours_is_found_by_the_checks(text, settings):
    with pytest.raises(ValueError):  # noqa: PT011  (what time.fromisoformat says is not ours)
        parse(text)
    settings.MATCH_HOURS = text
    assert [error.id for error in check(None)] == ["matches.E001"]


@pytest.mark.django_db
def test_without_the_setting_there_are_none(settings):
    assert match_hours() is None
    assert check(None) == []
    settings.MATCH_HOURS = "14:00-02:00"
    assert str(match_hours()) == "14:00 to 02:00 (JST)"
    assert check(None) == []


@pytest.mark.django_db
def test_nobody_joins_outside_them_but_who_waits_may_stay_and_leave(settings, make_user):
    settings.MATCH_HOURS = "14:00-02:00"
    user = make_user()
    with pytest.raises(Forbidden) as refusal:
        entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=at(13, 59))
    assert refusal.value.get_codes() == "closed_hours"
    assert "14:00 to 02:00" in str(refusal.value.detail)
    assert refusal.value.until == at(14)
    assert entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=at(1, 59))[1]
    entry, created = entry_create(user_id=user.user_id, selected_roles=[TANK, MIDDLE], now=at(2))
    assert (created, entry.selected_roles) == (False, [TANK, MIDDLE])
    assert entry_delete(user_id=user.user_id)
