"""The page itself: languages, the security policy, and words that are all there."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

import web
from web.csp import policy
from web.modules import imported
from web.words import FOLDER, catalogue

STATIC = Path(web.__file__).parent / "static" / "web"
MODULES = sorted(STATIC.rglob("*.js"))
KEY = re.compile(r"""(?<!h\()["'`]([a-z_]+(?:\.(?:[A-Za-z0-9_]+|\$\{[^}]+\}))+)["'`]""")
"""A literal that looks like a path into the catalogue; `${...}` in it stands for any name.
The first argument of `h` is an element with its classes instead."""


def paths(words, prefix=""):
    for name, value in words.items():
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@pytest.mark.django_db
class TestPage:
    def test_speaks_japanese_by_default(self, client):
        response = client.get("/")
        assert response.status_code == 200
        assert response["Content-Language"] == "ja"
        assert "マイページ" in response.content.decode()

    def test_speaks_english_to_those_who_ask_for_it(self, client):
        response = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.8"})
        assert '<html lang="en">' in response.content.decode()
        assert "My page" in response.content.decode()

    def test_remembers_the_language_that_was_chosen(self, client):
        assert client.post("/language", {"language": "en", "next": "/"}).status_code == 302
        assert '<html lang="en">' in client.get("/").content.decode()

    def test_forbids_inline_scripts_and_has_none(self, client):
        response = client.get("/")
        assert response["Content-Security-Policy"] == policy("ws://testserver")
        assert "unsafe" not in policy()
        content = response.content.decode()
        assert re.findall(r"<script(?![^>]*(?:src=|application/json))", content) == []
        assert re.findall(r"\s(?:style|on\w+)=", content) == []

    def test_may_speak_to_the_identity_provider_and_to_nobody_else(self, client, settings):
        settings.AUTH0_DOMAIN = settings.AUTH0_AUDIENCE = ""
        assert "connect-src 'self' ws://testserver;" in client.get("/")["Content-Security-Policy"]
        settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE = "play.example.auth0.com", "https://api.example"
        secure = client.get("/", secure=True)["Content-Security-Policy"]
        assert "connect-src 'self' wss://testserver https://play.example.auth0.com;" in secure

    def test_names_the_socket_by_the_host_that_was_asked_and_no_other(self, client, settings):
        settings.ALLOWED_HOSTS = ["play.example"]
        allowed = client.get("/", headers={"Host": "play.example:8443"}, secure=True)["Content-Security-Policy"]
        assert "connect-src 'self' wss://play.example:8443" in allowed
        refused = client.get("/", headers={"Host": "evil.example"})
        assert (refused.status_code, "evil" in refused.get("Content-Security-Policy", "")) == (400, False)

    def test_says_of_which_release_it_is(self, client, settings):
        settings.RELEASE = "v7"
        assert '<meta name="release" content="v7">' in client.get("/").content.decode()

    def test_names_every_script_that_it_begins_with(self, client):
        content = client.get("/").content.decode()
        named = re.findall(r'modulepreload" href="/static/([^"]+)"', content)
        assert named == list(imported("web/app.js"))
        assert len(named) == len(set(named)) > 10
        assert all((STATIC.parent / name).is_file() for name in named)
        assert "web/client.js" in named
        assert "web/docs.js" not in named
        assert "web/screens/operations.js" not in named

    def test_refuses_to_be_written_to(self, client):
        assert client.post("/").status_code == 405


class TestWords:
    @pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
    def test_every_language_has_the_same_phrases(self, language):
        own, default = dict(paths(catalogue(language))), dict(paths(catalogue("ja")))
        assert own.keys() == default.keys()
        assert all(own.values())
        for key, phrase in own.items():
            assert set(re.findall(r"\{\w+\}", phrase)) == set(re.findall(r"\{\w+\}", default[key])), key

    def test_the_operations_page_has_all_its_phrases_in_every_language_and_uses_them(self):
        own = {
            code: dict(paths(json.loads((STATIC / "words" / f"operations.{code}.json").read_text(encoding="utf-8"))))
            for code, _ in settings.LANGUAGES
        }
        default = own["ja"]
        for phrases in own.values():
            assert phrases.keys() == default.keys()
            assert all(phrases.values())
            for key, phrase in phrases.items():
                assert set(re.findall(r"\{\w+\}", phrase)) == set(re.findall(r"\{\w+\}", default[key])), key
        source = (STATIC / "screens" / "operations.js").read_text(encoding="utf-8")
        named = {re.sub(r"\\\$\\\{.*?\\\}", r"[^.]+", re.escape(key)) for key in KEY.findall(source)}
        named = {key for key in named if key.startswith("operations")}
        assert [key for key in named if not any(re.fullmatch(key, known) for known in default)] == []
        assert [known for known in default if not any(re.fullmatch(key, known) for key in named)] == []

    def test_an_unknown_language_gets_the_default(self):
        assert catalogue("xx") == json.loads((FOLDER / "ja.json").read_text(encoding="utf-8"))

    def test_every_phrase_that_the_modules_name_exists(self):
        known = dict(paths(catalogue("ja")))
        sections = {key.split(".")[0] for key in known}
        named = set()
        for module in MODULES:
            named |= {key for key in KEY.findall(module.read_text(encoding="utf-8")) if key.split(".")[0] in sections}
        patterns = {key: re.sub(r"\\\$\\\{.*?\\\}", r"[^.]+", re.escape(key)) for key in named}
        assert len(named) > 50
        assert [
            key for key, pattern in patterns.items() if not any(re.fullmatch(pattern, each) for each in known)
        ] == []


class TestModules:
    @pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
    def test_text_never_becomes_markup(self, module):
        source = module.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source)

    @pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
    def test_is_of_a_readable_length(self, module):
        assert len(module.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.django_db
class TestCompression:
    GZIP = {"Accept-Encoding": "gzip"}

    @pytest.mark.parametrize("path", ["/", "/static/web/app.js", "/static/web/base.css"])
    def test_what_the_page_consists_of_is_compressed(self, client, path):
        assert client.get(path, headers=self.GZIP)["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in client.get(path)

    def test_the_api_answers_as_it_is(self, client):
        assert "Content-Encoding" not in client.get("/api/schema/", headers=self.GZIP)
