"""The context manager by which writes of staff come into the audit log: both are kept, or neither."""

import pytest

from staff.auditing import audited
from staff.changes import HIDDEN
from staff.models import AuditEntry
from tests.staff.scenes import badge, season
from users.models import Badge, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(make_user) -> User:
    return make_user("root", is_staff=True)


def entry() -> dict:
    return AuditEntry.objects.values("actor_id", "actor_name", "action", "kind", "object_id", "reason", "changes").get()


def test_it_writes_down_who_did_what_to_what_and_why(root):
    row = badge()
    with audited(actor=root, action="rename", row=row, reason="a better name", fields={"told": "yes", "left": ""}):
        Badge.objects.filter(pk=row.pk).update(name="Prime")
    assert entry() == {
        "actor_id": root.pk,
        "actor_name": "root",
        "action": "rename",
        "kind": "users.badge",
        "object_id": "first",
        "reason": "a better name",
        "changes": {"told": [None, "yes"], "name": ["First", "Prime"]},
    }


def test_what_was_deleted_keeps_its_key(root):
    row = season()
    key = row.pk
    with audited(actor=root, action="delete", row=row, reason="x"):
        row.delete()
    assert (entry()["object_id"], entry()["changes"]["name"]) == (str(key), ["one", None])


def test_what_is_added_is_listed_under_the_key_that_it_is_given(root):
    row = season()
    row.delete()
    assert row.pk is None
    with audited(actor=root, action="add", row=row, reason="x"):
        row.save(force_insert=True)
    assert (entry()["object_id"], entry()["changes"]["name"]) == (str(row.pk), [None, "one"])


def test_personal_data_is_not_in_it(root, ann):
    with audited(actor=root, action="x", row=ann, reason="x"):
        User.objects.filter(pk=ann.pk).update(email="planted@example.com")
    assert entry()["changes"] == {"email": [HIDDEN, HIDDEN]}


def test_a_write_that_fails_leaves_nothing(root):
    row = badge()

    def write() -> None:
        with audited(actor=root, action="rename", row=row, reason="x"):
            Badge.objects.filter(pk=row.pk).update(name="Prime")
            raise LookupError

    with pytest.raises(LookupError):
        write()
    row.refresh_from_db()
    assert row.name == "First"
    assert not AuditEntry.objects.exists()


def test_a_write_that_cannot_be_written_down_is_taken_back(root, monkeypatch):
    def fail(**kwargs):
        raise LookupError

    monkeypatch.setattr("staff.auditing.audit_record", fail)
    row = badge()
    with pytest.raises(LookupError), audited(actor=root, action="rename", row=row, reason="x"):
        Badge.objects.filter(pk=row.pk).update(name="Prime")
    row.refresh_from_db()
    assert row.name == "First"
