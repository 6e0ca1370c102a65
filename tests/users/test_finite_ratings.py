"""No rating is NaN or infinite: teams could not be made any more, and nothing would compare with it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from matches.models import RatingChange
from tests.scenes import make_match, report_all
from users.models import User

BEFORE = [("users", "0006_checked_columns"), ("matches", "0005_report_reason")]
AFTER = [("users", "0007_finite_ratings"), ("matches", "0006_finite_ratings")]
NO_NUMBERS = [float("nan"), float("inf"), float("-inf"), 1e300]


@pytest.mark.django_db
@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("name", ["rating_mean", "rating_deviation"])
def test_the_database_refuses_what_is_no_rating(ann, name, value):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ann.pk).update(**{name: value})
    assert getattr(User.objects.get(), name) == getattr(ann, name)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity"])
@pytest.mark.parametrize("name", ["rating_mean", "rating_deviation"])
def test_so_does_every_form(name, text):
    with pytest.raises(ValidationError):
        User._meta.get_field(name).formfield().clean(text)


@pytest.mark.django_db
@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize("name", ["mean_before", "deviation_before", "mean_after", "deviation_after"])
def test_nor_does_the_journal_take_it(name, value):
    report_all(make_match(), count=6)
    line = RatingChange.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingChange.objects.filter(pk=line.pk).update(**{name: value})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_has_one_already_is_brought_up_to_date():
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old = executor.loader.project_state(BEFORE).apps
    value = float("nan") if connection.vendor == "postgresql" else float("inf")
    accounts = old.get_model("users", "User").objects
    accounts.create(user_id="a" * 16, subject="a", trainer_name="broken", rating_mean=1700.0, rating_deviation=value)
    accounts.create(user_id="b" * 16, subject="b", trainer_name="whole", rating_mean=1700.0, rating_deviation=99.0)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(AFTER)
        rows = executor.loader.project_state(AFTER).apps.get_model("users", "User").objects.order_by("user_id")
        assert list(rows.values_list("rating_mean", "rating_deviation")) == [(1500.0, 250.0), (1700.0, 99.0)]
    finally:
        MigrationExecutor(connection).migrate(latest)
