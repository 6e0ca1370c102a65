"""Marks are written by whatever changes a row, in the same transaction, and rolled back with it."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from realtime import triggers
from realtime.models import DirtyStream
from realtime.publishing.publisher import snapshot
from users.models import User


@pytest.fixture(autouse=True)
def watched(transactional_db):
    return


def marks() -> set[str]:
    names = set(DirtyStream.objects.values_list("stream", flat=True))
    DirtyStream.objects.all().delete()
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


# --- what changes with a release ------------------------------------------------------------------


@pytest.fixture
def watches():
    """The watches as they are; those of a test are gone after it, from the database as well."""
    before = dict(triggers.WATCHED)
    yield triggers.WATCHED
    triggers.WATCHED.clear()
    triggers.WATCHED.update(before)
    triggers.install()


def installed() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        return set(triggers._installed(cursor, connection.vendor))


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_second_watch_of_a_model_adds_to_the_first(ann, watches):
    before = watches[User]
    triggers.watch(User, "others_{trainer_name}", "user_{user_id}")
    assert watches[User] == (*before, "others_{trainer_name}")
    triggers.install()
    User.objects.filter(pk=ann.pk).update(trainer_name="Ben")
    assert marks() == {f"user_{ann.pk}", "others_Ann", "others_Ben"}


def test_the_triggers_of_a_watch_that_is_no_more_are_dropped(ann, watches):
    every = installed()
    (of_users, of_others) = ({one for one in every if (one[1] == "users_user") is wanted} for wanted in (True, False))
    assert of_users
    del watches[User]
    triggers.install()
    assert installed() == of_others
    User.objects.filter(pk=ann.pk).update(bio="nobody looks")
    assert marks() == set()


def test_triggers_of_others_are_left_alone(watches):
    """The audit log's, and one of a name that only begins as ours do."""
    if connection.vendor == "sqlite":
        sql('CREATE TRIGGER "realtime_of_others" AFTER UPDATE ON "users_badge" BEGIN SELECT 1; END')
    else:
        sql(
            'CREATE FUNCTION "realtime_of_others"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
            'CREATE TRIGGER "realtime_of_others" AFTER UPDATE ON "users_badge" EXECUTE FUNCTION "realtime_of_others"()',
        )
    watches.clear()
    triggers.install()
    on = "" if connection.vendor == "sqlite" else ' ON "{}"'
    for name, table in (("realtime_of_others", "users_badge"), ("staff_auditentry_append_only", "staff_auditentry")):
        with transaction.atomic():
            sql(f'DROP TRIGGER "{name}"' + on.format(table))  # fails if it is not there
            transaction.set_rollback(name.startswith("staff"))
    if connection.vendor == "postgresql":
        sql('DROP FUNCTION "realtime_of_others"()')


@pytest.fixture
def notes(watches):
    """A watched table of the test's own, whose column `topic` names a stream."""

    class Note(models.Model):
        topic = models.CharField(max_length=20)
        text = models.CharField(max_length=20)

        class Meta:
            app_label = "realtime"
            db_table = "notes"

        def __str__(self) -> str:
            return self.text

    with connection.schema_editor() as editor:
        editor.create_model(Note)
    triggers.watch(Note, "topic_{topic}", "notes")
    triggers.install()
    marks()
    yield Note
    triggers.WATCHED.pop(Note, None)
    del apps.all_models["realtime"]["note"]
    with connection.schema_editor() as editor:
        editor.delete_model(Note)


def test_a_removed_column_breaks_no_write_neither_then_nor_later(notes):
    """As a migration would: before it, on the way to the next `install`, and after that."""
    notes.objects.create(topic="a", text="x")
    assert marks() == {"topic_a", "notes"}
    triggers.drop_before_migrating(plan=[("a migration", False)])
    with connection.schema_editor() as editor:
        editor.remove_field(notes, notes._meta.get_field("topic"))
    sql("UPDATE notes SET text = 'y'", "INSERT INTO notes (text) VALUES ('z')", "DELETE FROM notes WHERE text = 'z'")
    marks()
    triggers.WATCHED[notes] = ("notes",)
    triggers.install()
    sql("UPDATE notes SET text = 'again'")
    assert marks() >= {"notes"}


def test_what_was_written_while_there_was_no_trigger_is_published(ann, watches):
    head = snapshot(f"user_{ann.pk}")
    streams = watches.pop(User)
    triggers.install()
    User.objects.filter(pk=ann.pk).update(bio="unseen")
    assert marks() == set()
    watches[User] = streams
    triggers.install()
    assert DirtyStream.objects.filter(stream=f"user_{ann.pk}").exists()
    after = snapshot(f"user_{ann.pk}")
    assert (after.document["bio"], after.seq) == ("unseen", head.seq + 1)
    marks()
    triggers.install()
    assert marks() == set()  # the triggers were there this time


def test_what_was_written_before_a_table_was_watched_for_a_stream_is_published(ann, watches):
    """As in a release that adds a watch to a table that has one already: the name of the trigger stays."""
    head = snapshot(f"user_{ann.pk}")
    streams = watches[User]
    watches[User] = ("others",)
    triggers.install()
    User.objects.filter(pk=ann.pk).update(bio="unseen")
    assert marks() >= {"others"}
    watches[User] = streams
    triggers.install()
    assert f"user_{ann.pk}" in marks()
    after = snapshot(f"user_{ann.pk}")
    assert (after.document["bio"], after.seq) == ("unseen", head.seq + 1)


def test_no_write_falls_between_the_old_triggers_and_the_new(watches):
    """PostgreSQL's running workers write while triggers are replaced."""
    with CaptureQueriesContext(connection) as queries:
        triggers.install()
    is_open = False
    for query in queries:
        if query["sql"].startswith(("BEGIN", "COMMIT")):
            is_open = query["sql"].startswith("BEGIN")
        elif query["sql"].startswith("DROP TRIGGER"):
            assert is_open


def test_without_a_migration_nothing_is_in_the_way(watches):
    before = installed()
    triggers.drop_before_migrating(plan=[])
    assert installed() == before
    triggers.drop_before_migrating(plan=[("a migration", False)])
    assert installed() == (set() if connection.vendor == "sqlite" else before)
