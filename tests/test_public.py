"""What is public is named, all else is private: who adds a field decides about it in `tests/decided.py`."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from matches import api as matches_api
from matches.models import Match
from matches.projections import matches
from matches.serializers import MatchPlayer, MatchProjection
from realtime.publishing.publisher import snapshot
from tests import decided, scenes
from users.api.me import Me
from users.models import User
from users.streams import USER

SCHEMAS = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
POSITION = {"epoch", "seq"}


@pytest.fixture
def match(db):
    match = scenes.open_lobby(scenes.make_match())
    Match.objects.filter(pk=match.pk).update(voice_channel=7)
    return match


def of(decision: dict[str, set[str]]) -> set[str]:
    assert not decision["public"] & decision["private"]
    return decision["public"] | decision["private"]


def test_every_field_of_a_match_is_decided_about(match):
    (document,) = matches([match.pk]).values()
    (player, *_) = document["players"].values()
    assert (set(document), set(player)) == (of(decided.MATCH), of(decided.MATCH_PLAYER))
    assert set(MatchProjection().fields) == of(decided.MATCH) | POSITION
    assert set(MatchPlayer().fields) == of(decided.MATCH_PLAYER)


@pytest.mark.parametrize("is_done", [False, True])
def test_others_see_of_a_match_what_is_public_and_nothing_else(api, match, make_user, is_done):
    if is_done:
        scenes.report_all(match, count=6)
    player = api(match.seats.first().user).get(f"/api/matches/{match.pk}").json()
    for caller in (None, make_user("Stranger")):
        seen = api(caller).get(f"/api/matches/{match.pk}").json()
        told = {name for name, value in seen.items() if value is not None}
        assert told == {name for name in decided.MATCH["public"] | POSITION if player[name] is not None}
        for user_id, place in seen["players"].items():
            told = {name for name, value in place.items() if value is not None}
            assert told <= decided.MATCH_PLAYER["public"]
            assert all(place[name] == player["players"][user_id][name] for name in decided.MATCH_PLAYER["public"])


def test_a_field_that_nobody_decided_about_is_private(api, match, monkeypatch):
    """As if it had been added to the projection: to show it wants a name in the list."""
    monkeypatch.setattr(matches_api, "PUBLIC", [name for name in matches_api.PUBLIC if name != "status"])
    monkeypatch.setattr(matches_api, "PUBLIC_OF_PLAYERS", ["team"])
    seen = api().get(f"/api/matches/{match.pk}").json()
    assert (seen["status"], seen["phase"]) == (None, "joining")
    assert {name for player in seen["players"].values() for name, value in player.items() if value is not None} == {
        "team"
    }


def test_every_column_and_field_of_an_account_is_decided_about(make_user):
    columns = {field.name for field in User._meta.concrete_fields}
    assert columns == of(decided.COLUMNS)
    assert set(Me().fields) == of(decided.ACCOUNT) | POSITION
    document = snapshot(USER.stream(make_user("Ann", is_staff=True).pk)).document  # which leaves out what is null
    assert decided.ACCOUNT["public"] < set(document) <= of(decided.ACCOUNT)


def test_others_see_of_an_account_what_is_public_and_nothing_else(api, make_user):
    ann = make_user("Ann")
    for caller in (None, make_user("Stranger"), ann):
        assert set(api(caller).get(f"/api/users/{ann.pk}").json()) == decided.ACCOUNT["public"]


@pytest.mark.parametrize("name", decided.LISTS)
def test_every_field_of_a_public_list_is_decided_about(name):
    assert set(SCHEMAS[name]["properties"]) == decided.LISTS[name]
