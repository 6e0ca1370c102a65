"""A database of the first version, with rows in it, brought to the present one; and an update that is under way."""

import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from realtime.operations.sampling import INTERVAL, sample_if_due
from realtime.publishing.publisher import snapshot
from realtime.testing import published
from staff.models import HouseRules
from tests.backend import BACKEND
from tests.deploy.old_rows import PLAYERS
from tests.deploy.site import run_python

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def run(tmp_path):
    """Run Python with these arguments on an empty database of its own; what it prints."""
    if BACKEND == "postgres":
        maintenance, name = os.environ["DATABASE_URL"], f"upgrade_{secrets.token_hex(4)}"
        session = psycopg.connect(maintenance, autocommit=True)
        session.execute(f"CREATE DATABASE {name}")
        url = urlsplit(maintenance)._replace(path=f"/{name}").geturl()
    else:
        url = f"sqlite:///{tmp_path / 'old.sqlite3'}"

    def run(*arguments: str) -> str:
        return run_python(*arguments, environment=os.environ | {"DATABASE_URL": url})

    yield run
    if BACKEND == "postgres":
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")
        session.close()


@pytest.mark.django_db  # so that it runs on PostgreSQL as well
def test_rows_of_the_first_version_are_there_after_all_migrations(run):
    run("-m", "tests.deploy.old_rows", "write")
    run("manage.py", "migrate", "--verbosity", "0")
    assert json.loads(run("-m", "tests.deploy.old_rows", "read")) == {
        "rows": {
            "User": PLAYERS,
            "OwnedBadge": 1,
            "Penalty": 1,
            "Entry": 2,
            "Season": 1,
            "Match": 2,
            "Seat": 20,
            "Report": 7,
        },
        "rates": sum(1500 + number for number in range(PLAYERS)),
        "queue": ["old", 42, 2],  # clients go on from where they were
        "matches": [[10, "done"], [10, "lobby"]],
        "names": [f"Player {number}" for number in range(PLAYERS)],
        "badges": {"owned": ["first"], "equipped": ["first"]},
        "marked": ["user_player0000000003"],  # the triggers are there too
        "points": 2,
    }
    run("manage.py", "migrate", "--check")


class TestBesideAWorkerOfTheVersionBefore:
    """While an update is under way, its SQL meets the tables of now. Models have other names since, tables have not."""

    @pytest.fixture
    def sql(self, db):
        def execute(statement: str, *values):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else cursor.rowcount

        return execute

    def test_what_it_marks_is_published(self, sql):
        before = snapshot("queue")
        HouseRules.objects.create(version=7)
        published()
        # Its own triggers are gone with the migration; what it marks by hand is looked at as well.
        sql("""INSERT INTO realtime_mark (stream) VALUES ('queue')""")
        assert published() == []  # nothing is new
        assert sql("SELECT count(*) FROM realtime_mark") == [(0,)]
        assert snapshot("queue").seq == before.seq + 1

    def test_what_it_publishes_is_gone_on_from(self, sql):
        """It has published a state that this version would write otherwise, as where a projection has changed."""
        before = snapshot("queue")
        stored = sql(
            "UPDATE realtime_head SET seq = seq + 1, document = %s, published_at = CURRENT_TIMESTAMP"
            " WHERE stream = 'queue' AND epoch = %s AND seq = %s",
            json.dumps({"total_waiting": 99}),
            before.epoch,
            before.seq,
        )
        assert stored == 1
        after = snapshot("queue")
        assert (after.epoch, after.seq) == (before.epoch, before.seq + 2)
        assert after.document == before.document

    def test_it_reads_what_is_published_here(self, sql):
        state = snapshot("queue")
        ((stream, epoch, seq, document, _),) = sql(
            "SELECT stream, epoch, seq, document, published_at FROM realtime_head WHERE stream = 'queue'"
        )
        document = json.loads(document) if isinstance(document, str) else document
        assert (stream, epoch, seq, document) == ("queue", state.epoch, state.seq, state.document)

    def test_the_samples_of_both_are_shown_together(self, sql):
        sql(
            "INSERT INTO realtime_sample (slot, taken_at, machine, point, tallies) VALUES (%s, %s, 'old', %s, %s)",
            int(NOW.timestamp()) // INTERVAL,
            NOW,
            json.dumps({"connections": 3}),
            json.dumps({"opened": 5}),
        )
        assert not sample_if_due(NOW + timedelta(seconds=1))  # it looks after this slot
        assert sample_if_due(NOW + timedelta(minutes=1))
        ((tallies,),) = sql("SELECT tallies FROM realtime_sample ORDER BY slot DESC LIMIT 1")
        assert "opened" in (json.loads(tallies) if isinstance(tallies, str) else tallies)
        assert len(snapshot("operations").document["points"]) == 2
