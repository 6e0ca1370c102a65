"""What the queue shows in streams, and what marks them."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queue_app.models import Entry
from queue_app.services import entry_create, entry_delete
from queue_app.streams import QUEUE
from realtime.models import DirtyStream
from users.roles import BOTTOM_LANE, MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE
from users.streams import USER

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def marks() -> set[str]:
    found = set(DirtyStream.objects.values_list("stream", flat=True))
    DirtyStream.objects.all().delete()
    return found


def queue() -> dict:
    return QUEUE.project([""])[""]


def test_an_empty_queue_has_every_number():
    shown = queue()
    assert shown["total_waiting"] == 0
    assert shown["role_counts"] == dict.fromkeys(ROLES, 0)
    assert shown["needed_roles"] == list(ROLES)


def test_entries_are_counted_for_each_role_they_name(make_user):
    for roles in ([TANK, SUPPORT], [TANK, MIDDLE, TOP_LANE], [SUPPORT, TANK]):
        entry_create(user_id=make_user().user_id, selected_roles=roles)
    shown = queue()
    assert shown["total_waiting"] == 3
    assert shown["role_counts"] == {TOP_LANE: 1, MIDDLE: 1, BOTTOM_LANE: 0, SUPPORT: 2, TANK: 3}
    assert BOTTOM_LANE in shown["needed_roles"]


def test_the_queue_names_nobody(make_user):
    user = make_user("Hidden Name")
    entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT])
    shown = str(queue())
    assert user.user_id not in shown
    assert user.trainer_name not in shown


def test_a_player_sees_their_own_entry(make_user):
    ann, bea = make_user("Ann"), make_user("Bea")
    entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT], now=NOON)
    shown = USER.project([ann.user_id, bea.user_id])
    assert shown[ann.user_id]["queue"] == {"selected_roles": [TANK, SUPPORT], "queued_at": "2026-01-01T12:00:00Z"}
    assert "queue" not in shown[bea.user_id]


def test_every_write_to_an_entry_marks_the_queue_and_its_player(make_user):
    ann = make_user("Ann")
    expected = {"queue", f"user_{ann.user_id}"}
    marks()
    entry_create(user_id=ann.user_id, selected_roles=[TANK, SUPPORT])
    assert marks() == expected
    entry_create(user_id=ann.user_id, selected_roles=[TANK, MIDDLE])
    assert marks() == expected
    entry_create(user_id=ann.user_id, selected_roles=[TANK, MIDDLE])
    assert marks() == set()
    Entry.objects.update(selected_roles=[MIDDLE, TANK])
    assert marks() == expected
    entry_delete(user_id=ann.user_id)
    assert marks() == expected


def test_projections_take_a_fixed_number_of_queries(make_user):

    def queries(users) -> int:
        with CaptureQueriesContext(connection) as captured:
            USER.project([user.user_id for user in users])
            queue()
        return len(captured)

    users = [make_user() for _ in range(12)]
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=[TANK, SUPPORT])
    assert queries(users) == queries(users[:2])
