"""The OpenAPI document is made once a process, whoever asks for it in whatever form."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from unitemate.rest import documents

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ACCEPTED = {
    "*/*": "application/vnd.oai.openapi; charset=utf-8",
    "application/yaml": "application/yaml; charset=utf-8",
    "application/vnd.oai.openapi+json": "application/vnd.oai.openapi+json",
    "application/json": "application/json",
    "application/json; indent=2": "application/json",
}


@pytest.fixture
def made(monkeypatch):
    """How often a document has been made, from nothing."""
    made, make = [], SchemaGenerator.get_schema
    monkeypatch.setattr(documents, "_documents", {})

    def counting(*arguments, **options):
        made.append(1)
        return make(*arguments, **options)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counting)
    return made


def test_it_is_made_once_for_each_form_whatever_else_is_asked(client, made):
    for accept, content_type in ACCEPTED.items():
        for query in ("", "?lang=en", "?lang=evil", "?version=7", "?api_version=8", "?x=y"):
            answer = client.get(f"/api/schema/{query}", headers={"Accept": accept, "Accept-Language": "en"})
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    assert len(made) == 4
    assert client.get("/api/schema/?format=json").json() == json.loads(answer.content)
    in_yaml = client.get("/api/schema/").content.decode()
    assert [path for path in json.loads(answer.content)["paths"] if f"\n  {path}:\n" not in in_yaml] == []
    assert len(made) == 4


def test_many_who_ask_at_once_wait_for_one(made):
    together = threading.Barrier(6)

    def ask(_: int) -> int:
        together.wait()
        return Client().get("/api/schema/").status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(6))) == [200] * 6
    assert len(made) == 1


def test_its_words_do_not_depend_on_who_asked_first(client, made):
    japanese = client.get("/api/schema/", headers={"Accept-Language": "ja"}).content
    documents._documents.clear()
    assert client.get("/api/schema/", headers={"Accept-Language": "en"}).content == japanese
    assert len(made) == 2


@pytest.mark.parametrize("path", ["/api/schema/", "/api/schema/?format=json", "/api/docs/"])
def test_who_has_it_is_told_that_it_is_the_same(client, path):
    first = client.get(path)
    assert first.status_code == 200
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(("query", "status"), [("?format=evil", 404), ("?format=xml", 404)])
def test_a_form_that_is_none_makes_nothing(client, made, query, status):
    assert client.get(f"/api/schema/{query}").status_code == status
    assert made == []
