"""Joining, changing roles, leaving, and who is kept out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from queue_app.models import Entry
from queue_app.services import entries_drop_shut_out, entry_create, entry_delete
from users.errors import Forbidden, Invalid, NotFound, TooSoon
from users.ids import new_public_id
from users.models import Penalty
from users.roles import MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def ann(make_user):
    return make_user("Ann")


def test_joining_makes_one_entry(ann):
    entry, created = entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    assert created
    assert (entry.selected_roles, entry.queued_at) == ([TANK, SUPPORT], NOON)
    assert Entry.objects.get() == entry


def test_joining_again_changes_nothing(ann):
    entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    entry, created = entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON + timedelta(minutes=1))
    assert not created
    assert entry.queued_at == Entry.objects.get().queued_at == NOON


def test_other_roles_keep_the_place_in_the_queue(ann):
    entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    entry, created = entry_create(user_id=ann.user_id, selected_roles=[SUPPORT, TANK], now=NOON + timedelta(minutes=1))
    assert not created
    stored = Entry.objects.get()
    assert stored.selected_roles == entry.selected_roles == [SUPPORT, TANK]
    assert stored.queued_at == NOON


def test_roles_change_once_in_ten_seconds_and_say_how_long(ann):
    def change(roles, seconds):
        entry_create(user_id=ann.user_id, selected_roles=roles, now=NOON + timedelta(seconds=seconds))

    change([TANK, SUPPORT], 0)
    change([SUPPORT, TANK], 1)  # at once after joining: a slip is mended
    for seconds in (1, 10.9):
        with pytest.raises(TooSoon) as refusal:
            change([MIDDLE, TANK], seconds)
        assert (refusal.value.get_codes(), refusal.value.until) == ("too_soon", NOON + timedelta(seconds=11))
    assert refusal.value.wait == 1
    change([SUPPORT, TANK], 5)  # the same again changes nothing
    assert Entry.objects.get().selected_roles == [SUPPORT, TANK]
    change([MIDDLE, TANK], 11)
    assert Entry.objects.get().selected_roles == [MIDDLE, TANK]


def test_in_a_simulation_sooner(ann, settings):
    settings.UNITEMATE_TIME_SCALE = 10
    for number, roles in enumerate([[TANK, SUPPORT], [SUPPORT, TANK], [TANK, SUPPORT]]):
        entry_create(user_id=ann.user_id, selected_roles=roles, now=NOON + timedelta(seconds=number))


@pytest.mark.parametrize(
    "roles",
    [
        [],
        [TANK],
        [TANK, TANK],
        [TANK, "JUNGLE"],
        [*ROLES, TANK],
        "TANK",
        None,
        7,
        {"TANK": 1, "SUPPORT": 2},
        [TANK, None],
        [TANK, [SUPPORT]],
        [TANK, {}],
    ],
)
def test_wrong_roles_are_refused_and_nothing_is_written(ann, roles):
    with pytest.raises(Invalid) as refusal:
        entry_create(user_id=ann.user_id, selected_roles=roles, now=NOON)
    assert list(refusal.value.message_dict) == ["selected_roles"]
    assert not Entry.objects.exists()


def test_banned_and_inactive_accounts_cannot_join(make_user):
    for user in (make_user("Bea", banned_at=NOON), make_user("Cid", is_active=False)):
        with pytest.raises(Forbidden) as refusal:
            entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
        assert refusal.value.get_codes() == "banned"


def test_a_penalty_keeps_out_until_it_ends_or_is_lifted(ann):
    penalty = Penalty.objects.create(user=ann, reason="left", until=NOON)
    with pytest.raises(Forbidden) as refusal:
        entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON - timedelta(seconds=1))
    assert refusal.value.get_codes() == "penalty"
    assert entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)[1]
    entry_delete(user_id=ann.user_id)
    penalty.lifted_at = NOON - timedelta(hours=1)
    penalty.save()
    assert entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON - timedelta(seconds=1))[1]


def test_penalty_points_without_a_time_out_keep_nobody_out(ann):
    Penalty.objects.create(user=ann, reason="warned", until=None)
    assert entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)[1]


def test_leaving_says_whether_there_was_anything_to_leave(ann):
    assert entry_delete(user_id=ann.user_id) is False
    entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    assert entry_delete(user_id=ann.user_id) is True
    assert not Entry.objects.exists()


def test_unknown_accounts():
    with pytest.raises(NotFound):
        entry_create(user_id=new_public_id(), selected_roles=[TANK, SUPPORT])
    with pytest.raises(NotFound):
        entry_delete(user_id=new_public_id())


def test_the_time_of_joining_is_the_present_by_default(ann):
    before = timezone.now()
    entry, _ = entry_create(user_id=ann.user_id, selected_roles=[MIDDLE, TOP_LANE])
    assert before <= entry.queued_at <= timezone.now()


def test_those_shut_out_while_they_wait_are_dropped(make_user):
    names = ("stays", "banned", "inactive", "penalised", "served")
    users = {name: make_user(name) for name in names}
    for user in users.values():
        entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    make_user("banned, not waiting", banned_at=NOON)
    users["banned"].banned_at = NOON
    users["banned"].save()
    users["inactive"].is_active = False
    users["inactive"].save()
    Penalty.objects.create(user=users["penalised"], reason="left", until=NOON + timedelta(hours=1))
    Penalty.objects.create(user=users["served"], reason="left", until=NOON)
    assert entries_drop_shut_out(now=NOON) == 3
    assert {entry.user.trainer_name for entry in Entry.objects.all()} == {"stays", "served"}
    assert entries_drop_shut_out(now=NOON) == 0
