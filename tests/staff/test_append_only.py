"""What the database lets become of the audit log: entries are added, old ones pruned, names taken out."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from staff.append_only import pruning
from staff.models import AuditEntry
from staff.services import audit_forget_actor, audit_prune
from tests.scenes import NOW, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    return add(NOW)


def add(made_at) -> AuditEntry:
    return AuditEntry.objects.create(
        made_at=made_at, actor_id="who", actor_name="Ann", action="ban", kind="k", object_id="o", reason="r", changes={}
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"actor_name": "Bob"},
        {"actor_name": "", "reason": "another"},
        {"actor_name": "", "changes": {"a": [1, 2]}},
        {"actor_name": "", "made_at": at(1)},
        {"actor_name": "", "actor_id": "other"},
        {"object_id": "other"},
        {"kind": ""},
        {"action": ""},
    ],
)
def test_nothing_but_the_name_can_be_taken_out(entry, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(**fields)
    assert AuditEntry.objects.values().get() == AuditEntry.objects.values().get(pk=entry.pk, actor_name="Ann")


def test_the_name_can(entry):
    assert audit_forget_actor(actor_id="other") == 0
    assert audit_forget_actor(actor_id="who") == 1
    assert audit_forget_actor(actor_id="who") == 0
    entry.refresh_from_db()
    assert (entry.actor_name, entry.actor_id, str(entry)) == ("", "who", "ban (who)")


@pytest.mark.postgres
def test_nobody_deletes_but_by_pruning(entry):
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_auditentry")
    assert AuditEntry.objects.count() == 1


@pytest.mark.postgres
def test_and_pruning_deletes_nothing_younger_than_it_has_said(entry):
    with pytest.raises(IntegrityError), transaction.atomic(), pruning(NOW):
        AuditEntry.objects.all().delete()
    with pruning(NOW + timedelta(microseconds=1)):
        AuditEntry.objects.all().delete()
    assert not AuditEntry.objects.exists()


@pytest.mark.postgres
def test_after_pruning_it_is_as_before(entry):
    audit_prune(before=at(-1))
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()


def test_pruning_deletes_what_is_older(entry):
    young = add(at(60))
    assert audit_prune(before=at(0)) == 0
    assert audit_prune(before=at(60)) == 1
    assert list(AuditEntry.objects.all()) == [young]
