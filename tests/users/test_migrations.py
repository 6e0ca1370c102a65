"""A database with data in it is brought up to date."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("users", "0002_play_rules"), ("matches", "0002_play_rules")]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def migrate():
    """Bring the database to these migrations; it is brought up to date again in the end."""

    def to(targets):
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        return executor.loader.project_state(targets).apps

    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield to
    to(latest)


def test_ratings_are_derived_from_what_was_shown_and_that_stays(migrate):
    old = migrate(BEFORE)
    accounts = old.get_model("users", "User").objects
    accounts.create(user_id="a" * 16, subject="a", trainer_name="new")
    accounts.create(user_id="b" * 16, subject="b", trainer_name="old", rate=1623, max_rate=1650, match_count=150)
    new = migrate([("users", "0003_rating"), ("matches", "0003_rating_journal")])
    fields = ("rate", "max_rate", "match_count", "rating_mean", "rating_deviation")
    rows = list(new.get_model("users", "User").objects.order_by("user_id").values_list(*fields))
    assert rows == [(1500, 1500, 0, 1500.0, 250.0), (1623, 1650, 150, 1623.0, 125.0)]
