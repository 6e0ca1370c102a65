"""A projection over REST: one answer and one serializer, made of the document that its type declares."""

import pytest
from msgspec import Struct
from rest_framework import serializers

from matches.streams import MATCH
from realtime import rest
from realtime.publishing.publisher import snapshot
from realtime.streams import Contribution
from tests.scenes import make_match
from users.documents import OwnBadges
from users.models import User
from users.streams import USER

pytestmark = pytest.mark.django_db


def test_it_has_every_field_and_the_position(ann):
    state = snapshot(USER.stream(ann.pk))
    answer = rest.answer(USER, ann.pk)
    assert (answer.pop("epoch"), answer.pop("seq")) == (state.epoch, state.seq)
    assert state.document.items() < answer.items()
    assert answer.keys() == set(USER.document.__struct_fields__) - {"is_staff"}
    assert answer["penalty"] is answer["queue"] is answer["match_id"] is None


def test_its_public_part_is_null_where_a_field_is_not_public(ann):
    answer = rest.answer(USER, ann.pk, public_only=True)
    assert (answer["trainer_name"], answer["discord_username"]) == (ann.trainer_name, None)
    assert answer["badges"] == {"owned": None, "equipped": []}
    assert answer["seq"] == 1


def test_there_is_none_of_a_stream_that_there_is_not(ann):
    assert rest.answer(USER, "nobody") is None
    assert rest.answer(USER, "nobody", ended=lambda: {"rate": 5})["rate"] == 5
    rest.answer(USER, ann.pk)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert rest.answer(USER, ann.pk) is None
    instead = rest.answer(USER, ann.pk, ended=lambda: {"rate": 5})
    assert (instead["rate"], instead["bio"], instead["seq"]) == (5, None, 2)


def test_what_the_document_does_not_declare_stays_inside(monkeypatch, api):
    """As if it had been added to the projection, and to nothing else."""
    match = make_match()
    (read, fields), *_ = MATCH.contributions

    def with_more(keys):
        documents = read(keys)
        for document in documents.values():
            document["address"] = "secret"
            next(iter(document["players"].values()))["address"] = "secret"
        return documents

    monkeypatch.setattr(MATCH, "contributions", [Contribution(with_more, fields)])
    assert "secret" in str(snapshot(MATCH.stream(match.pk)).document)
    for caller in (match.host, None):
        answer = api(caller).get(f"/api/matches/{match.pk}")
        assert answer.status_code == 200
        assert b"secret" not in answer.content


def test_a_type_that_rest_has_no_form_for_is_refused():
    class Odd(Struct):
        value: bytes

    with pytest.raises(TypeError, match="no form"):
        rest.serializer(Odd)


def test_a_structs_serializer_is_one_class_wherever_it_is_used():
    badges = rest.serializer_of(USER)().fields["badges"]
    assert type(badges) is rest.serializer(OwnBadges)
    assert isinstance(badges, serializers.Serializer)
