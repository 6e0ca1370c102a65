"""What is public is named, all else is private: in documents of projections by a mark, else in `tests/decided.py`."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from matches.documents import MatchPlayer, MatchProjection
from matches.models import Match
from realtime.schemas import fields_of
from tests import decided, scenes
from users.documents import Me
from users.models import User

SCHEMAS = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
POSITION = {"epoch", "seq"}
OF_NO_COLUMN = {"badges", "win_rate"}


def public(struct) -> set[str]:
    return {field.name for field in fields_of(struct) if field.is_public}


@pytest.fixture
def match(db):
    match = scenes.open_lobby(scenes.make_match())
    Match.objects.filter(pk=match.pk).update(voice_channel=7)
    return match


@pytest.mark.parametrize("is_done", [False, True])
def test_others_see_of_a_match_what_is_public_and_nothing_else(api, match, make_user, is_done):
    if is_done:
        scenes.report_all(match, count=6)
    player = api(match.seats.first().user).get(f"/api/matches/{match.pk}").json()
    for caller in (None, make_user("Stranger")):
        seen = api(caller).get(f"/api/matches/{match.pk}").json()
        told = {name for name, value in seen.items() if value is not None}
        assert told == {name for name in public(MatchProjection) | POSITION if player[name] is not None}
        for user_id, place in seen["players"].items():
            told = {name for name, value in place.items() if value is not None}
            assert told <= public(MatchPlayer)
            assert all(place[name] == player["players"][user_id][name] for name in public(MatchPlayer))


def test_the_lobby_and_how_it_goes_in_there_are_for_those_who_are_in_it():
    assert public(MatchProjection).isdisjoint({"lobby_id", "host_user_id", "vc", "deadline", "report_count"})
    assert public(MatchPlayer).isdisjoint({"online", "reported", "missing"})


def test_every_column_of_an_account_is_decided_about():
    assert not decided.COLUMNS["public"] & decided.COLUMNS["private"]
    columns = {field.name for field in User._meta.concrete_fields}
    assert columns == decided.COLUMNS["public"] | decided.COLUMNS["private"]
    assert public(Me) == decided.COLUMNS["public"] | OF_NO_COLUMN


def test_others_see_of_an_account_what_is_public_and_nothing_else(api, make_user):
    ann = make_user("Ann")
    for caller in (None, make_user("Stranger"), ann):
        seen = api(caller).get(f"/api/users/{ann.pk}").json()
        assert set(seen) == public(Me)
        assert seen["badges"] == []  # those that are worn, not those that are owned


@pytest.mark.parametrize("name", decided.LISTS)
def test_every_field_of_a_public_list_is_decided_about(name):
    assert set(SCHEMAS[name]["properties"]) == decided.LISTS[name]
