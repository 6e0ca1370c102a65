"""What a stranger, a player and a page of another site must not be able to do; docs/security.md names the rest.

The operations come from the OpenAPI document, so that a new one is looked at without being listed here.
"""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from drf_spectacular.generators import SchemaGenerator

from matches.models import Match, Report, Seat
from matches.streams import MATCH
from realtime.schemas import fields_of
from tests import scenes
from users.models import User

DOCUMENT = SchemaGenerator().get_schema(public=True)
PATHS = DOCUMENT["paths"]
OPERATIONS = [(method, path) for path, methods in PATHS.items() for method in methods]
WRITES = [(method, path) for method, path in OPERATIONS if method != "get"]
OF_A_MATCH = [(method, path) for method, path in OPERATIONS if "{match_id}" in path]
OF_ONESELF = "/api/users/me/export"
OF_ANOTHER = [(method, path) for method, path in OPERATIONS if "{user_id}" in path]
SECRETS = {
    "subject": "auth0|secret-subject",
    "email": "secret@example.com",
    "discord_id": "990011223344",
    "ban_reason": "secret reason",
}
INPUTS = {
    "/api/matches/{match_id}/lobby": {"lobby_id": "12345678"},
    "/api/matches/{match_id}/report": {"result": "A-win", "violations": []},
}
INJECTIONS = [
    "'; DROP TABLE users_user; --",
    "1' OR '1'='1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%s%n%x {0.__class__}",
    "../../etc/passwd",
]


once = pytest.mark.sqlite
"""For what no database has a part in."""


@pytest.fixture
def match(db) -> Match:
    return scenes.make_match()


def rows() -> dict[str, list]:
    """Everything that the operations could change."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (User, Match, Seat, Report)}


# --- others' things -------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), OF_A_MATCH)
def test_a_stranger_changes_nothing_of_a_match_and_sees_its_public_part(api, match, make_user, method, path):
    stranger, host = make_user("Stranger"), match.host_id
    Match.objects.filter(pk=match.pk).update(lobby_id="12345678", voice_channel=7)
    body = INPUTS.get(path, {"user_id": host})
    before = rows()
    answer = getattr(api(stranger), method)(path.replace("{match_id}", match.pk), body if method != "get" else None)
    if path == "/api/matches/{match_id}":
        assert answer.status_code == 200
        private = [field.name for field in fields_of(MATCH.document) if not field.is_public]
        assert {"lobby_id", "vc"} < set(private)
        assert [name for name in private if answer.json().get(name) is not None] == []
    else:
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["code"] in ("not_player", "not_host", "permission_denied")
    assert rows() == before


@pytest.mark.parametrize(("method", "path"), OF_ANOTHER)
def test_what_is_private_to_a_player_is_in_no_answer_about_them(api, make_user, method, path):
    other = make_user("Other", blocked_user_ids=["blocked-by-other"], discord_username="secret-discord")
    User.objects.filter(pk=other.pk).update(**SECRETS)
    for caller in (None, make_user("Stranger")):
        answer = getattr(api(caller), method)(path.replace("{user_id}", other.pk))
        assert answer.status_code == 200
        for secret in (*SECRETS.values(), "blocked-by-other", "secret-discord"):
            assert secret not in answer.content.decode()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_answer_names_what_identifies_a_person(api, match, make_user, method, path):
    seat = match.seats.first()
    User.objects.filter(pk=seat.user_id).update(**SECRETS)
    path = path.replace("{match_id}", match.pk).replace("{user_id}", seat.user_id).replace("{season_id}", "1")
    for caller in (None, make_user("Stranger"), User.objects.get(pk=seat.user_id)):
        answer = getattr(api(caller), method)(path, {} if method != "get" else None)
        assert answer.status_code < 500
        told = [secret for secret in SECRETS.values() if secret in answer.content.decode()]
        assert told == (list(SECRETS.values()) if path == OF_ONESELF and caller == seat.user else [])


@pytest.mark.parametrize("path", [path for _, path in OPERATIONS if "/me" in path])
def test_what_is_ones_own_is_never_anothers(api, match, make_user, path):
    """All operations on oneself, as one of the ten whose match is done: of the nine there are ids alone."""
    scenes.report_all(match, count=6)
    ann, *others = (seat.user for seat in match.seats.all())
    User.objects.filter(pk=others[0].pk).update(**SECRETS, bio="of-another", twitter_id="another_bird")
    answer = api(ann).get(path)
    assert answer.status_code in (200, 405)
    theirs = {*SECRETS.values(), "of-another", "another_bird", *(other.trainer_name for other in others)}
    assert [text for text in theirs if text in answer.content.decode()] == []


# --- more than was offered ------------------------------------------------------------------------


@once
@pytest.mark.parametrize(("method", "path"), [each for each in WRITES if PATHS[each[1]][each[0]].get("requestBody")])
def test_fields_that_are_not_offered_are_refused_and_change_nothing(api, match, make_user, method, path):
    """Mass assignment: whatever columns an account and a match have, a body cannot name them."""
    staff = make_user("Staff", is_staff=True, is_superuser=True)
    address = path.replace("{match_id}", match.pk)
    ask = next(
        ask
        for ask in (getattr(api(user), method) for user in (match.host, staff))
        if ask(address, {"none": 1}).status_code != 403
    )
    body = PATHS[path][method]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    offered = DOCUMENT["components"]["schemas"][body.rpartition("/")[2]]["properties"]
    columns = {field.name for model in (User, Match, Seat) for field in model._meta.concrete_fields} - offered.keys()
    assert {"is_staff", "rate", "password", "status"} <= columns
    before = rows()
    for column in sorted(columns):
        answer = ask(address, {column: True})
        assert answer.status_code == 400, (column, answer.content)
        named = {error["attr"] for error in answer.json()["errors"]}
        assert column in named
    assert rows() == before


# --- text that is code elsewhere -------------------------------------------------------------------


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_stays_text(api, client, make_user, text):
    user, staff = (
        make_user("Ann"),
        User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin"),
    )
    written = api(user).patch("/api/users/me/profile", {"trainer_name": text, "bio": text})
    assert (written.status_code, written.json()["trainer_name"]) == (200, text)
    assert api().get(f"/api/users/{user.pk}").json()["bio"] == text
    client.force_login(staff)
    for path in (f"/admin/users/user/{user.pk}/change/", "/admin/users/user/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r'name="bio"[^>]*>\s*([^<]*)<', page)
    found = client.get("/admin/users/user/", {"q": text})
    assert found.status_code == 200
    assert User.objects.filter(pk=user.pk, bio=text).exists()
    assert "users_user" in connection.introspection.table_names()


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "path", ["/api/users/{}", "/api/matches/{}", "/api/users/ranking?page={}", "/api/seasons/{}/ranks"]
)
def test_addresses_are_never_code(api, db, path, text):
    answer = api().get(path.format(text))
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"]


# --- pages of other sites -------------------------------------------------------------------------

PAGES = ["/", "/api/docs/", "/api/system", "/api/none", "/none", "/admin/login/", "/livez", "/static/web/app.js"]


@once
@pytest.mark.parametrize("path", PAGES)
def test_every_answer_tells_browsers_to_keep_it_to_itself(client, db, path):
    answer = client.get(path, headers={"Origin": "https://evil.example"})
    policy = answer.headers["Content-Security-Policy"] if path != "/static/web/app.js" else "frame-ancestors 'none'"
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in answer.headers
    if path != "/static/web/app.js":  # code that is public anyway
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers


@once
def test_another_sites_form_does_nothing_at_the_admin(db):
    from django.test import Client  # noqa: PLC0415

    client = Client(enforce_csrf_checks=True)
    staff = User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin")
    client.force_login(staff)
    assert client.post("/admin/users/user/", {"action": "ban"}).status_code == 403
    assert client.post("/language", {"language": "en"}).status_code == 403


@once
def test_cookies_are_for_this_site_and_not_for_scripts(client, db, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    cache.clear()
    User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin")
    client.post("/admin/login/", {"username": "admin", "password": "a-long-enough-password"})
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    for cookie in (session, token):
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"


@once
@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client, db, to):
    cache.clear()
    User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin")
    signed_in = client.post("/admin/login/", {"username": "admin", "password": "a-long-enough-password", "next": to})
    chosen = client.post("/language", {"language": "en", "next": to})
    for answer in (signed_in, chosen):
        assert answer.status_code == 302
        assert "evil.example" not in answer.headers["Location"]
        assert answer.headers["Location"].startswith("/")
