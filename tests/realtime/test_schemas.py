"""Of a document: what is taken from it whatever is in it, and which part of it is public."""

import copy
from typing import Annotated

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from realtime.schemas import Private, Public, complete, public_part


class Prize(Struct):
    title: Public[str]
    worth: Private[int | None]


class Entrant(Struct):
    seed: Public[int]
    phone: Private[str]
    prizes: Annotated[Public[list[Prize] | None], Meta(description="Won so far.")]


class Tournament(Struct):
    title: Annotated[Public[str], Meta(description="As it is announced.")]
    entrants: Public[dict[str, Entrant]]
    notes: Private[list[str] | None]
    champion: Public[Entrant | None]
    sponsor: Private[str | UnsetType] = UNSET


DOCUMENT = {
    "title": "Spring",
    "entrants": {"a": {"seed": 1, "phone": "123", "prizes": [{"title": "cup", "worth": 5}]}},
    "notes": ["secret"],
    "champion": {"seed": 2, "phone": "456", "prizes": None},
    "sponsor": "x",
}


def test_what_is_complete_stays_as_it_is():
    before = copy.deepcopy(DOCUMENT)
    assert complete(DOCUMENT, Tournament) == before == DOCUMENT


def test_what_is_missing_is_null_at_every_depth():
    assert complete({"entrants": {"a": {"seed": 1}}}, Tournament) == {
        "title": None,
        "entrants": {"a": {"seed": 1, "phone": None, "prizes": None}},
        "notes": None,
        "champion": None,
    }


def test_what_is_not_declared_is_left_out_at_every_depth():
    document = copy.deepcopy(DOCUMENT)
    document["more"] = document["entrants"]["a"]["more"] = document["champion"]["more"] = {"x": 1}
    document["entrants"]["a"]["prizes"][0]["more"] = 1
    assert complete(document, Tournament) == DOCUMENT


def test_the_public_part_has_what_is_marked_and_null_for_the_rest():
    assert public_part(DOCUMENT, Tournament) == {
        "title": "Spring",
        "entrants": {"a": {"seed": 1, "phone": None, "prizes": [{"title": "cup", "worth": None}]}},
        "notes": None,
        "champion": {"seed": 2, "phone": None, "prizes": None},
    }


def test_what_is_not_decided_about_is_not_public():
    class Undecided(Struct):
        title: str
        entrant: Public[dict[str, Prize]]

    assert public_part({"title": "x", "entrant": {}}, Undecided) == {"title": None, "entrant": {}}


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [1, None, {}], {"a": 1, "seed": {"phone": "123"}}])
@pytest.mark.parametrize("field", ["title", "entrants", "notes", "champion"])
def test_a_value_of_another_kind_raises_nothing_and_gives_nothing_away(field, odd):
    document = {**DOCUMENT, field: odd}
    assert complete(document, Tournament).keys() == DOCUMENT.keys()
    assert "123" not in str(public_part({field: odd}, Tournament))
    assert public_part(odd if isinstance(odd, dict) else {}, Tournament).keys() == DOCUMENT.keys() - {"sponsor"}
