"""Projections read watched tables only, so that no write to what they show goes unseen."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matches.services import match_mark_missing, match_report
from realtime.models import Presence, Sample, Worker
from realtime.streams import STREAM_TYPES, stream_type_of
from realtime.testing import misfits, published, stale, tables_read, tables_watched
from realtime.triggers import WATCHED
from staff.models import HouseRules
from staff.services import house_rules_save
from tests.oracle import MODELS, keys_of, publish_everything
from tests.scenes import NOW, at, make_match, open_lobby, players, queue_up, report_all
from users.models import Badge, User
from users.notices import NoticeCode
from users.services import badge_grant, badges_equip, notice_give, penalty_give

pytestmark = pytest.mark.django_db
ROWS = 2
"""How many rows of each table are changed, at least: of matches and seats one that is over and one that is open."""

CLOCK = re.compile(r"'now'|now\(\)|current_(time|date)|_timestamp\(|\brand(om)?\(", re.IGNORECASE)
"""How SQL asks for the time, or for chance, in Django's words and in others."""


@pytest.fixture
def evening(db):
    """A match that is over, one that is open and has some of everything, five who wait, and all of it published."""
    over = make_match(players(10, "earlier"))
    report_all(over, count=6)
    match = make_match(players(10, "now"), now=at(900))
    open_lobby(match)
    host, one, other, *_ = [match.host, *(seat.user for seat in match.seats.exclude(user=match.host))]
    match_mark_missing(match_id=match.pk, user_id=one.pk, missing_user_id=other.pk, now=at(950))
    match_report(match_id=match.pk, user_id=host.pk, result="invalid", now=at(1000))
    worker = Worker.objects.create(worker_id="w", expires_at=at(9000))
    waiting = players(5, "waiting")
    queue_up(waiting, now=at(1100))
    for index, user in enumerate((host, one, waiting[0])):
        Presence.objects.create(worker=worker, owner=user.pk)
        for number in range(2):
            name = f"{number}-{index}"
            badge_grant(user=user, badge=Badge.objects.create(badge_id=name, name=name))
        badges_equip(user=user, badge_ids=[f"0-{index}"])
        penalty_give(user=user, points=1 + index, reason="test", until=at(2000), now=at(1200))
    notice_give(user_ids=[one.pk], code=NoticeCode.SEAT_REPLACED, now=at(1300), match_id=match.pk)
    house_rules_save(rules=HouseRules(announcement_en="Finals at nine", announcement_until=at(5000)))
    Sample.objects.bulk_create(
        Sample(slot=slot, taken_at=NOW, machine="m", point={"connections": slot}, cumulative={}) for slot in range(3)
    )
    publish_everything()


def test_every_stream_type_is_in_the_scene(evening):
    """A new one has its model named in `tests.oracle`, and streams in the scene above."""
    assert {name for name, stream_type in STREAM_TYPES.items() if not stream_type.is_single} == MODELS.keys()
    assert all(keys_of(name) for name in STREAM_TYPES)


@pytest.mark.parametrize("name", sorted(STREAM_TYPES))
def test_a_projection_reads_only_tables_that_are_watched_for_it(evening, name):
    stream_type = STREAM_TYPES[name]
    read = tables_read(stream_type, keys_of(name))
    assert read - tables_watched(stream_type) == set()
    assert [model for model in models_of(read) if not model.objects.exists()] == []  # or parts of it go unseen


@pytest.mark.parametrize("name", sorted(STREAM_TYPES))
def test_a_projection_has_the_fields_that_are_declared_for_it_and_no_others(evening, name):
    stream_type = STREAM_TYPES[name]
    for key, document in stream_type.project(keys_of(name)).items():
        assert misfits(stream_type.stream(key), document) == []


@pytest.mark.parametrize("name", sorted(STREAM_TYPES))
def test_a_projection_looks_at_no_clock(evening, monkeypatch, name):
    keys = keys_of(name)
    before = STREAM_TYPES[name].project(keys)
    monkeypatch.setattr(timezone, "now", lambda: pytest.fail("the time is read"))
    with CaptureQueriesContext(connection) as captured:
        assert STREAM_TYPES[name].project(keys) == before
    assert [query["sql"] for query in captured if CLOCK.search(query["sql"])] == []


@pytest.mark.parametrize("model", WATCHED, ids=lambda model: model.__name__)
def test_whatever_is_changed_or_deleted_in_a_watched_table_reaches_every_stream(evening, model):
    """One column of one row at a time, and undone again; what the database refuses is passed over."""
    unseen, was_shown = set(), False
    for what, write in writes(model):
        with suppress(IntegrityError, ProtectedError), transaction.atomic():
            write()
            was_shown |= bool(published())
            unseen |= {(what, stream_type_of(stream).name) for stream in stale()}
            transaction.set_rollback(True)
    assert unseen == set()
    assert was_shown


def models_of(tables: set[str]) -> list[type[models.Model]]:
    """The models of these tables."""
    return [model for model in apps.get_models() if model._meta.db_table in tables]


def writes(model: type[models.Model]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Writes to some of a model's rows, spread over the table; each with what it changes."""
    # An account's primary key is left to chance, and which rows are written is not to be.
    rows = list(model.objects.order_by("trainer_name" if model is User else "pk").values())
    for row in rows[:: max(1, len(rows) // ROWS)]:
        found = model.objects.filter(pk=row[model._meta.pk.attname])
        yield "a row", found.delete
        for field in model._meta.concrete_fields:
            value = other_value(row[field.attname], [other[field.attname] for other in rows])
            if not field.primary_key and value is not None:
                yield field.name, partial(found.update, **{field.attname: value})


def other_value(value: Any, of_others: list[Any]) -> Any:
    """Another value for a column: that of some other row, or one that is as good; None where there is none."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case datetime():
            return value + timedelta(hours=1)
    return next((other for other in of_others if other not in (value, None)), "x" if value == "" else None)
