"""Declaring stream types: what cannot work is refused, at once or by `manage.py check`."""

import msgspec
import pytest
from django.core.checks import run_checks
from msgspec import Struct

from queue_app.models import Entry
from realtime import streams, triggers
from realtime.schemas import Private, Public
from realtime.streams import Audience, Verb, declare

REGISTRIES = (streams.STREAM_TYPES, streams.CLIENT_ACTIONS, triggers.WATCHED)


@pytest.fixture(autouse=True)
def declared():
    """What a test declares is forgotten after it."""
    before = [dict(registry) for registry in REGISTRIES]
    yield
    for registry, entries in zip(REGISTRIES, before, strict=True):
        registry.clear()
        registry.update(entries)


class Entrant(Struct):
    seed: Public[int]
    phone: Private[str]


class Tournament(Struct):
    """The fields of a type that nothing is wrong with."""

    title: Public[str]
    entrants: Public[dict[str, Entrant]]
    notes: Private[list[str] | None]


def whole(name: str = "tournament", **options):
    """A type that nothing is wrong with."""
    options = {"key": "tournament_id", "audience": Audience.ADMITTED} | options
    stream_type = declare(name, **options)
    stream_type.contributes(Tournament)(lambda keys: {})
    if stream_type.audience is Audience.ADMITTED:
        stream_type.admits(lambda identity, keys: keys)
    triggers.watch(Entry, name if stream_type.is_single else f"{name}_{{user_id}}")
    return stream_type


def complaints() -> list[str]:
    return [message.id for message in run_checks() if message.id.startswith("realtime.")]


def test_what_is_declared_in_this_project_is_whole():
    assert complaints() == []
    whole()
    assert complaints() == []


@pytest.mark.parametrize(
    "name", ["", "Tournament", "big_tournament", "tournament2", "大会", "a-b", "a b", "queue", "user"]
)
def test_a_name_that_cannot_be_told_from_a_key_or_is_taken_is_refused(name):
    with pytest.raises(ValueError, match="stream type"):
        declare(name, key="tournament_id", audience=Audience.ADMITTED)


@pytest.mark.parametrize("key", ["", "Match", "action", "stream", "match id", "match-id"])
def test_a_field_that_cannot_carry_a_key_is_refused(key):
    with pytest.raises(ValueError, match="cannot be the field of a key"):
        declare("tournament", key=key, audience=Audience.ADMITTED)


def test_an_audience_that_contradicts_the_key_is_refused():
    with pytest.raises(ValueError, match="owner's id"):
        declare("tournament", audience=Audience.OWNER)
    with pytest.raises(ValueError, match="has no key"):
        declare("tournament", key="tournament_id", audience=Audience.EVERYONE)


@pytest.mark.parametrize("action", ["queueInfo", "user_update", "match_found", "heartbeat", "error"])
@pytest.mark.parametrize("of", ["snapshot", "update", "found"])
def test_an_action_that_means_something_else_already_is_refused(of, action):
    with pytest.raises(ValueError, match=f"the action '{action}' is taken"):
        declare("tournament", key="tournament_id", audience=Audience.ADMITTED, **{of: action})
    assert "tournament" not in streams.STREAM_TYPES


def test_a_question_that_has_one_answer_is_not_answered_twice():
    stream_type = whole()
    stream_type.may_stay(lambda identity, document: True)
    with pytest.raises(ValueError, match="twice"):
        stream_type.may_stay(lambda identity, document: False)
    with pytest.raises(ValueError, match="twice"):
        stream_type.admits(lambda identity, keys: ())


def test_what_an_update_carries_besides_has_names_of_its_own():
    class Clash(Struct):
        seq: int

    with pytest.raises(ValueError, match="'seq'"):
        whole().update_extras(Clash)


def test_a_type_brings_its_actions_with_it():
    whole()
    found = {name: known for name, known in streams.CLIENT_ACTIONS.items() if known.stream_type.name == "tournament"}
    assert {name: known.verb for name, known in found.items()} == {
        "subscribeTournament": Verb.SUBSCRIBE,
        "unsubscribeTournament": Verb.UNSUBSCRIBE,
    }
    assert {known.frame.__struct_fields__ for known in found.values()} == {("tournament_id",)}
    whole("news", key=None, audience=Audience.EVERYONE)
    assert streams.CLIENT_ACTIONS["askNewsInfo"].verb is Verb.ASK
    assert "subscribeNews" not in streams.CLIENT_ACTIONS


def test_a_type_without_a_contribution_is_an_error():
    whole().contributions.clear()
    assert complaints() == ["realtime.E002"]


def test_a_contribution_names_its_fields():
    stream_type = whole()
    for nothing in (lambda keys: {}, dict):
        with pytest.raises(TypeError, match="names the Struct of its fields"):
            stream_type.contributes(nothing)


def test_the_document_has_the_fields_of_all_contributions():
    stream_type = whole()
    assert stream_type.document is Tournament

    class Prizes(Struct):
        prizes: Private[list[str]] = []

    stream_type.contributes(lambda: Prizes)(lambda keys: {})
    assert stream_type.document.__name__ == "Tournament"
    assert stream_type.document.__doc__ == Tournament.__doc__
    assert stream_type.document.__struct_fields__ == ("title", "entrants", "notes", "prizes")
    assert complaints() == []


def test_two_contributions_with_the_same_field_are_an_error():
    class Other(Struct):
        title: Private[str]

    whole().contributes(Other)(lambda keys: {})
    assert complaints() == ["realtime.E009"]


class Undecided(Struct):
    place: str
    phone: Private[str]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"more": int}, ["more"]),
        ({"more": Public[Undecided | None]}, ["more.place"]),
        ({"more": Public[dict[str, list[Undecided]]]}, ["more.place"]),
        ({"more": Private[Undecided]}, []),
        ({"more": Public[int], "others": str | None, "last": int}, ["others", "last"]),
    ],
)
def test_a_field_that_is_neither_public_nor_private_is_an_error(fields, named):
    whole().contributes(msgspec.defstruct("More", fields.items()))(lambda keys: {})
    found = [message.msg for message in run_checks() if message.id == "realtime.E010"]
    assert len(found) == len(named)
    assert all(f"the field {name!r} of 'tournament'" in message for name, message in zip(named, found, strict=True))


def test_what_everyone_has_is_public_without_a_mark():
    whole("news", key=None, audience=Audience.EVERYONE).contributes(Undecided)(lambda keys: {})
    assert complaints() == []


def test_a_type_that_admits_nobody_is_an_error():
    whole().admission = None
    assert complaints() == ["realtime.E003"]


def test_a_question_that_is_never_asked_is_an_error():
    whole("news", key=None, audience=Audience.EVERYONE).may_stay(lambda identity, document: True)
    assert complaints() == ["realtime.E004"]


def test_an_identity_out_of_a_stream_that_is_nobodys_own_is_an_error():
    whole().refresh_identity(lambda identity, document: identity)
    assert complaints() == ["realtime.E005"]


def test_a_type_that_no_table_marks_is_an_error():
    whole()
    triggers.WATCHED[Entry] = tuple(name for name in triggers.WATCHED[Entry] if "tournament" not in name)
    assert complaints() == ["realtime.E006"]


@pytest.mark.parametrize("stream", ["tournaments_{user_id}", "tournament", "queue_{user_id}", "{user_id}"])
def test_a_watch_for_a_stream_that_there_is_not_is_an_error(stream):
    whole()
    triggers.watch(Entry, stream)
    assert complaints() == ["realtime.E007"]


def test_a_watch_that_names_no_column_is_an_error():
    whole()
    triggers.watch(Entry, "tournament_{user}")  # whose column is user_id
    assert complaints() == ["realtime.E008"]


def test_a_second_watch_of_a_model_adds_to_the_first():
    before = triggers.WATCHED[Entry]
    whole()
    assert triggers.WATCHED[Entry] == (*before, "tournament_{user_id}")


def test_a_switch_for_a_stream_type_that_there_is_not_is_an_error(settings):
    settings.REALTIME_PUSH = {"queue": False}
    assert complaints() == []
    settings.REALTIME_PUSH = {"queu": False}
    assert complaints() == ["realtime.E011"]
