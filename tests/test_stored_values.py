"""Whatever is stored in a column of JSON, by raw SQL or an old release: everything can still be read."""

import json
from functools import cache

import pytest
from django.apps import apps
from django.contrib.admin.sites import site
from django.db import connection, models
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from matches.models import Match, Season, SeasonRank
from realtime.models import PublishedState, Sample
from realtime.streams import STREAM_TYPES
from staff.models import AuditEntry
from tests.scenes import NOW, at, make_match, players, queue_up, report_all
from users.models import Badge, OwnedBadge, User
from users.tokens import issue_dev_token

# What is stored is read by Python alone; both databases hand over the same.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NONSENSE = [
    *(123, None, "TANK", [], {}, [1, None, [], {}, "TANK", "TANK"], {"a": 1}, {"players": 1, "data": [1]}),
    *({"icon": 1, "colour": []}, {"code": 1, "at": {}}, [["a"], {"b": None}]),
]
COLUMNS = [
    (model, field)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.JSONField)
]


@pytest.fixture
def everything(db, settings):
    """A row of each model that has such a column, and a caller of REST who plays in an open and a finished match."""
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_CLASSES": []}
    settings.UNITEMATE_LIMITS = False
    ten = players()
    finished = make_match(ten)
    report_all(finished, count=6)
    opened = make_match(ten, now=at(1200))
    report_all(opened, count=2, now=at(1300))
    waiting = players(1, "waiting")[0]
    queue_up([waiting])
    badge = Badge.objects.last()
    OwnedBadge.objects.create(user=ten[0], badge=badge, place=1)
    season = Season.objects.create(name="one", starts_at=NOW, state=Season.State.OPEN)
    SeasonRank.objects.create(season=season, user=ten[0], rank=1, rate=1, match_count=1, win_count=1, trainer_name="x")
    Sample.objects.create(slot=1, taken_at=NOW, machine="m", point={}, cumulative={})
    ids = {"match_id": opened.pk, "user_id": ten[0].pk, "season_id": str(season.pk), "id": "1"}
    read(ten[0], ids)
    assert PublishedState.objects.exists()
    return ten[0], ids


@cache
def addresses() -> list[str]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return [path for path, operations in paths.items() if "get" in operations and path != "/api/schema/"]


def read(user, ids) -> None:
    """Ask every address that answers GET, signed in and not; project every stream; open every page of the admin."""
    signed_in = APIClient()
    signed_in.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_dev_token('x')[0]}")
    signed_in.force_authenticate(user)
    for path in (path.format(**ids) for path in addresses()):
        for client in (signed_in, APIClient()):
            answer = client.get(path)
            assert answer.status_code in (200, 401, 403, 404), (path, answer.content)
    for kind in STREAM_TYPES.values():
        keys = {
            "match": list(Match.objects.values_list("pk", flat=True)),
            "user": list(User.objects.values_list("pk", flat=True)),
        }
        documents = kind.project(keys.get(kind.name, [""]))
        assert all(document is None or json.dumps(document) for document in documents.values())


def read_pages() -> None:
    staff = Client()
    root, _ = User.objects.get_or_create(subject="staff|root", defaults={"is_staff": True, "is_superuser": True})
    staff.force_login(root)
    for model in site._registry:
        name = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for path in (name, *(f"{name}{row.pk}/change/" for row in model._default_manager.all()[:1])):
            assert staff.get(path, follow=True).status_code == 200, path


def store(model, field, value) -> None:
    """As if by raw SQL."""
    table, column = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(field.column)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [json.dumps(value)])  # noqa: S608  (names of columns)
        assert cursor.rowcount > 0


@pytest.mark.parametrize("share", range(3))
def test_it_can_be_read(everything, share):
    for value in NONSENSE[share::3]:
        for model, field in COLUMNS:
            if model is not AuditEntry:  # which the database lets nobody change
                store(model, field, value)
        stored = models.Value(value, models.JSONField())
        AuditEntry.objects.create(action="a", kind="users.user", object_id=everything[0].pk, reason="r", changes=stored)
        try:
            read(*everything)
            read_pages()
        except Exception as error:
            error.add_note(f"with {value!r} in every column")
            raise
