"""Marks are written by whatever changes a row, in the same transaction, and rolled back with it."""

import pytest
from django.db import connection, transaction
from django.db.models import F

from realtime.models import Mark
from users.models import User


@pytest.fixture(autouse=True)
def watched(transactional_db):
    return


def marks() -> set[str]:
    names = set(Mark.objects.values_list("stream", flat=True))
    Mark.objects.all().delete()
    return names


@pytest.fixture
def ann(make_user):
    user = make_user("Ann")
    marks()
    return user


def test_every_way_of_writing_marks(ann):
    name = {f"user_{ann.user_id}"}
    ann.bio = "hello"
    ann.save(update_fields=["bio"])
    assert marks() >= name
    User.objects.filter(pk=ann.pk).update(match_count=F("match_count") + 1)
    assert marks() >= name
    ann.bio = "again"
    User.objects.bulk_update([ann], ["bio"])
    assert marks() >= name
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_user SET bio = 'raw' WHERE user_id = %s", [ann.user_id])
    assert marks() >= name
    ann.delete()
    assert marks() >= name


def test_rolled_back_writes_leave_no_mark(ann):
    with transaction.atomic():
        try:
            with transaction.atomic():
                User.objects.filter(pk=ann.pk).update(bio="gone")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert marks() == set()
