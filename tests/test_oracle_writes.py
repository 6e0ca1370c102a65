"""Whatever way a row is written, and whatever is rolled back: nothing missed, nothing untrue."""

import json
from contextlib import contextmanager, suppress

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from matches.models import Match, Report, Seat
from queue_app.models import Entry
from realtime.models import DirtyStream
from realtime.publishing.publisher import snapshot
from realtime.testing import fresh, published
from tests.oracle import oracle
from tests.scenes import NOW, at, make_match, players
from users.models import Badge, OwnedBadge, Penalty, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(ann):
    return f"user_{ann.user_id}"


@contextmanager
def rolled_back():
    """A block whose writes are rolled back."""
    with suppress(ZeroDivisionError), transaction.atomic():
        yield
        raise ZeroDivisionError


def test_save(ann, stream):
    with oracle(stream):
        ann.bio = "new"
        ann.save()


def test_save_with_update_fields(ann, stream):
    with oracle(stream):
        ann.bio, ann.trainer_name = "new", "not written"
        ann.save(update_fields=["bio"])
    assert snapshot(stream).document["trainer_name"] == "Ann 0"


def test_an_expression(ann, stream):
    with oracle(stream):
        ann.rate = F("rate") - 7
        ann.save(update_fields=["rate"])
    assert snapshot(stream).document["rate"] == 1493


def test_a_stale_instance_saved_whole_pushes_what_is_committed(ann, stream):
    stale = User.objects.get(pk=ann.pk)
    User.objects.filter(pk=ann.pk).update(bio="newer")
    with oracle(stream):
        stale.save()  # undoes the newer bio, and that is then the truth
    assert snapshot(stream).document["bio"] == ""


def test_update_of_a_queryset(ann, stream):
    with oracle(stream):
        User.objects.filter(pk=ann.pk).update(bio="new", match_count=F("match_count") + 2)


def test_bulk_create(ann, stream):
    badges = Badge.objects.bulk_create([Badge(badge_id=f"b{n}", name="b") for n in range(3)])
    with oracle(stream) as pushes:
        OwnedBadge.objects.bulk_create([OwnedBadge(user=ann, badge=badge) for badge in badges])
    assert pushes.of(stream) == 1


def test_bulk_update(stream, ann):
    with oracle(stream):
        ann.bio = "new"
        User.objects.bulk_update([ann], ["bio"])


def test_bulk_create_of_entries_moves_the_queue_once():
    ten = players()
    with oracle("queue", *(f"user_{user.user_id}" for user in ten)) as pushes:
        Entry.objects.bulk_create([Entry(user=user, selected_roles=["TANK", "SUPPORT"], queued_at=NOW) for user in ten])
    assert pushes.of("queue") == 1


def test_delete_of_a_queryset_and_of_a_row(ann, stream):
    Entry.objects.create(user=ann, selected_roles=["TANK", "SUPPORT"])
    with oracle("queue", stream):
        Entry.objects.all().delete()
    penalty = Penalty.objects.create(user=ann, points=1, reason="test")
    with oracle(stream):
        penalty.delete()


def test_delete_by_cascade_ends_the_stream(ann, stream):
    Entry.objects.create(user=ann, selected_roles=["TANK", "SUPPORT"])
    with oracle("queue", stream):
        ann.delete()
    assert snapshot(stream).document is None


def test_raw_sql(ann, stream):
    with oracle(stream), connection.cursor() as cursor:
        cursor.execute("UPDATE users_user SET rate = rate + 5, max_rate = max_rate + 5 WHERE user_id = %s", [ann.pk])


def test_raw_sql_on_a_match_reaches_players_and_queue():
    match = make_match()
    player = f"user_{match.host_id}"
    with oracle(f"match_{match.match_id}", "queue", player), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matches_match SET status = 'done', phase = 'done', result = 'invalid', closed_at = matched_at"
            " WHERE match_id = %s",
            [match.match_id],
        )


def test_a_correction_of_how_long_somebody_has_waited_reaches_the_queue():
    match = make_match()
    with oracle("queue", unchanged=(f"match_{match.match_id}",)):
        Seat.objects.filter(user=match.host_id).update(queued_at=at(-3600))


def test_a_row_that_moves_to_another_key_marks_both():
    match, other = make_match(), make_match(players(10, "other"), now=at(120))
    with oracle(f"match_{match.match_id}", f"match_{other.match_id}"):
        Report.objects.bulk_create(
            [Report(seat=seat, match=match, result="invalid") for seat in Seat.objects.filter(match=match)[:1]]
        )
        Report.objects.update(match=other)
        Match.objects.filter(pk=match.pk).update(lobby_id="12345678")


def test_loaddata(ann, stream, tmp_path):
    row = {
        "model": "users.penalty",
        "pk": 77,
        "fields": {"user": ann.pk, "points": 3, "reason": "x", "given_at": NOW.isoformat()},
    }
    (tmp_path / "rows.json").write_text(json.dumps([row]))
    with oracle(stream):
        call_command("loaddata", tmp_path / "rows.json", verbosity=0)


def test_nothing_rolled_back_is_marked_or_published(ann, stream):
    snapshot(stream)
    published()
    with rolled_back():
        User.objects.filter(pk=ann.pk).update(bio="never")
    assert not DirtyStream.objects.exists()
    assert published() == []


def test_a_rolled_back_savepoint_takes_its_part_along(ann, stream):
    with oracle(stream), transaction.atomic():
        User.objects.filter(pk=ann.pk).update(bio="kept")
        with rolled_back():
            User.objects.filter(pk=ann.pk).update(trainer_name="never")
    document = snapshot(stream).document
    assert (document["bio"], document["trainer_name"]) == ("kept", "Ann 0")


def test_a_change_undone_by_a_later_one_is_pushed_as_what_it_came_to(ann, stream):
    with oracle(unchanged=(stream,)):
        User.objects.filter(pk=ann.pk).update(bio="for a moment")
        User.objects.filter(pk=ann.pk).update(bio="")


def test_a_write_that_changes_nothing_is_not_pushed(ann, stream):
    with oracle(unchanged=(stream,)):
        ann.save()


def test_a_read_publishes_what_is_committed_and_nobody_has_published_yet(ann, stream):
    before = snapshot(stream)
    User.objects.filter(pk=ann.pk).update(bio="new")
    after = snapshot(stream)
    assert (after.seq, after.document) == (before.seq + 1, fresh(stream))
    assert published() == []


def test_streams_that_nobody_has_asked_for_are_not_published(ann):
    published()
    User.objects.filter(pk=ann.pk).update(bio="new")
    assert published() == []
    assert not DirtyStream.objects.exists()


def test_the_first_look_is_the_first_version(ann, stream):
    first = snapshot(stream)
    assert (first.seq, first.document) == (1, fresh(stream))
    assert snapshot(stream) == first


def test_there_is_no_stream_of_nobody():
    assert snapshot("user_nobody").document is None
    assert snapshot("user_nobody").epoch == ""
    with pytest.raises(ValueError, match="no stream"):
        snapshot("something_else")
