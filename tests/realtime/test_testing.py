"""What applications' tests are told: which published states are stale, and which tables a projection reads."""

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from msgspec import UNSET, Struct, UnsetType

from queue_app.models import Entry
from realtime import triggers
from realtime.models import DirtyStream
from realtime.publishing.publisher import BATCH_SIZE, snapshot
from realtime.streams import STREAM_TYPES, Audience, StreamType
from realtime.testing import fresh, misfits, published, stale, tables_read, tables_watched
from tests.oracle import own
from tests.scenes import make_match
from users.models import OwnedBadge, Penalty, User
from users.prepared import Prepared
from users.services import badge_grant
from users.streams import USER

pytestmark = pytest.mark.django_db


@pytest.fixture
def badges_unwatched(monkeypatch):
    """The table of badges owned, as if its watch had been forgotten."""
    monkeypatch.delitem(triggers.WATCHED, OwnedBadge)
    triggers.install()


class TestStale:
    def test_a_dirty_stream_is_stale_until_it_is_published(self, ann):
        snapshot(own(ann))
        User.objects.filter(pk=ann.pk).update(bio="new")
        assert stale() == [own(ann)]
        (publication,) = published()
        assert publication.changes == {"bio": "new"}
        assert stale() == []

    def test_what_a_table_without_a_watch_shows_stays_stale(self, ann, badge, badges_unwatched):
        snapshot(own(ann))
        published()
        badge_grant(user=ann, badge=badge)
        assert published() == []
        assert stale() == [own(ann)]
        assert fresh(own(ann))["badges"]["owned"] == ["first"]

    def test_what_nobody_has_asked_for_is_not(self, ann):
        User.objects.filter(pk=ann.pk).update(bio="new")
        assert stale() == []

    def test_a_stream_that_ought_to_have_ended_is(self, ann):
        snapshot(own(ann))
        User.objects.filter(pk=ann.pk).update(is_active=False)
        assert stale() == [own(ann)]
        assert fresh(own(ann)) is None
        published()
        assert stale() == []

    def test_published_goes_on_until_nothing_is_dirty(self, ann):
        snapshot(own(ann))
        DirtyStream.objects.bulk_create(DirtyStream(stream=f"user_{number}") for number in range(2 * BATCH_SIZE))
        User.objects.filter(pk=ann.pk).update(bio="new")
        assert [publication.stream for publication in published()] == [own(ann)]


class Badges(Struct):
    owned: list[str]


class Toy(Struct):
    """The document of a type that is only here."""

    name: str
    badges: dict[str, Badges] | None
    number: int | UnsetType = UNSET


class TestMisfits:
    @pytest.fixture(autouse=True)
    def toy(self, monkeypatch):
        stream_type = StreamType("toy", None, Audience.EVERYONE, "toyInfo", "toyUpdate", "toyInfo")
        stream_type.contributes(Toy)(lambda keys: {})
        monkeypatch.setitem(STREAM_TYPES, "toy", stream_type)

    @pytest.mark.parametrize(
        ("document", "found"),
        [
            ({"name": "x"}, []),
            ({"name": "x", "badges": {"a": {"owned": ["b"]}}, "number": 3}, []),
            ({"name": "x", "more": 1}, ["more"]),
            ({"name": "x", "badges": {"a": {"owned": [], "worn": []}}}, ["badges.a.worn"]),
            ({}, ["Expected `str`, got `null` - at `$.name`"]),
            ({"name": "x", "number": "3"}, ["Expected `int`, got `str` - at `$.number`"]),
            ({"name": "x", "badges": ["a"]}, ["badges"]),
        ],
    )
    def test_are_what_is_not_declared_and_what_is_of_another_type(self, document, found):
        assert misfits("toy", document) == found


class TestTablesRead:
    def read(self, ask) -> set[str]:
        stream_type = StreamType("toy", None, Audience.EVERYONE, "toyInfo", "toyUpdate", "toyInfo")
        stream_type.contributes(Toy)(lambda keys: {"": {"answer": str(ask())}})
        return tables_read(stream_type, [""])

    def test_of_joins_and_subqueries(self, ann):
        penalised = Exists(Penalty.objects.filter(user=OuterRef("user")))
        assert self.read(lambda: list(Entry.objects.filter(penalised))) == {"queue_app_entry", "users_penalty"}
        assert self.read(lambda: list(Entry.objects.values("user__trainer_name"))) == {"queue_app_entry", "users_user"}
        assert self.read(lambda: list(User.objects.prefetch_related("seats__match"))) == {"users_user", "matches_seat"}

    def test_of_queries_that_were_compiled_before(self, ann):
        query = Prepared(lambda: User.objects.values("bio"))
        assert query.first() == {"bio": ""}
        assert self.read(query.all) == {"users_user"}

    def test_of_sql(self):
        def ask():
            with connection.cursor() as cursor:
                cursor.execute("WITH w AS (SELECT user_id FROM queue_app_entry) SELECT 'it''s matches_match' FROM w")

        assert self.read(ask) == {"queue_app_entry"}

    def test_of_nothing(self):
        assert self.read(lambda: None) == set()


class TestTablesWatched:
    def test_those_whose_triggers_name_the_type_itself(self, ann):
        assert "users_penalty" in tables_watched(USER)
        assert "users_badge" not in tables_watched(USER)

    def test_those_whose_triggers_name_a_type_that_also_affects_it(self):
        match = make_match()
        assert "matches_match" not in tables_watched(USER)  # no match is published, so none affects it
        snapshot(f"match_{match.pk}")
        assert "matches_match" in tables_watched(USER)

    def test_one_whose_watch_was_forgotten_is_missing(self, ann, badges_unwatched):
        assert tables_read(USER, [ann.pk]) - tables_watched(USER) >= {"users_ownedbadge"}
