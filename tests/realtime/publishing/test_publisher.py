"""Reading the committed state of streams, one or many."""

import pytest
from django.db import connection

from realtime.models import PublishedState
from realtime.publishing.publisher import snapshot, snapshots
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_are_read_as_they_stand_whatever_was_known_of_them(make_user):
    settled, changed, new = (make_user(name) for name in ("Settled", "Changed", "New"))
    names = [f"user_{user.user_id}" for user in (settled, changed, new)]
    before = [snapshot(name) for name in names[:2]]
    User.objects.filter(pk=changed.pk).update(bio="hello")
    nobody = "user_nobody"

    a, b, c, missing, again = snapshots([*names, nobody, names[0]])

    assert (a.epoch, a.seq, a.document) == (before[0].epoch, 1, before[0].document)
    assert again == a
    assert (b.epoch, b.seq, b.document["bio"]) == (before[1].epoch, 2, "hello")
    assert (c.seq, c.document["trainer_name"]) == (1, "New")
    assert (missing.epoch, missing.seq, missing.document) == ("", 0, None)
    assert not PublishedState.objects.filter(pk=nobody).exists()
    assert [snapshot(name) for name in names] == [a, b, c]


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_fifty_cost_few_more_statements_than_one(make_user, django_assert_max_num_queries, known):
    names = [f"user_{make_user().user_id}" for _ in range(50)]
    if known:
        snapshots(names)
    with django_assert_max_num_queries(8 if known else 90, connection=connection):
        states = snapshots(names)
    assert len({state.document["user_id"] for state in states}) == 50


def test_a_name_of_no_kind_is_refused():
    with pytest.raises(ValueError, match="'nonsense'"):
        snapshots(["queue", "nonsense"])
