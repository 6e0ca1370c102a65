"""What cannot be read is the caller's mistake: 4xx, one quiet line, and the same answer everywhere."""

import logging

import pytest
from django.core.cache import cache

from users.models import User

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
FORMS = ["/language", "/admin/login/", "/admin/", "/admin/users/user/", "/none", "/", "/livez", "/readyz", "/metrics"]
CHARSETS = [
    "utf-7",
    "utf-16",
    "idna",
    "punycode",
    "rot13",
    "base64",
    "evil",
    "latin-1",
    '"utf-16"',
    "unicode_escape",
]
PART = b'--b\r\nContent-Disposition: form-data; name="a"%s\r\n%s\r\n%s\r\n--b--'
FILES = b"".join(b'--b\r\nContent-Disposition: form-data; name="f"; filename="%d"\r\n\r\nx\r\n' % n for n in range(200))
BODIES = {
    "too many fields": (URLENCODED, "&".join(f"a{n}=1" for n in range(1005)).encode(), 400),
    "too many parts": (
        MULTIPART,
        b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(1005)) + b"--b--",
        400,
    ),
    "too many files": (MULTIPART, FILES + b"--b--", 400),
    "too large": (URLENCODED, b"x=" + b"a" * 70_000, 413),
    "a part that is too large": (MULTIPART, PART % (b"", b"", b"a" * 70_000), 413),
    "no boundary": ("multipart/form-data", b"xx", 400),
    "an empty boundary": ("multipart/form-data; boundary=", b"xx", 400),
    "a boundary that is none": ("multipart/form-data; boundary=\xc3\xa9", b"xx", 400),
    "NUL in a value": (URLENCODED, b"username=%00&password=x", 400),
    "NUL in a name": (URLENCODED, b"a%00=1", 400),
    "NUL in a part": (MULTIPART, PART % (b"", b"", b"\0"), 400),
} | {f"charset {name!r}": (f"{URLENCODED}; charset={name}", b"a=1", 415) for name in CHARSETS}


@pytest.fixture
def lines(caplog):
    """What was logged: `lines()` are (level, logger, whether there was a traceback)."""
    caplog.set_level(logging.DEBUG)

    def lines() -> list[tuple[str, str, bool]]:
        shown = [record for record in caplog.records if logging.getLogger(record.name).isEnabledFor(record.levelno)]
        return [(one.levelname, one.name, bool(one.exc_info)) for one in shown if one.levelno >= logging.INFO]

    return lines


@pytest.mark.parametrize("kind", BODIES)
def test_a_form_that_cannot_be_read_is_refused_and_leaves_one_quiet_line(client, lines, kind):
    form, body, status = BODIES[kind]
    client.raise_request_exception = True
    for path in FORMS:
        before = len(lines())
        answer = client.generic("POST", path, body, content_type=form)
        assert answer.status_code == status, path
        assert lines()[before:] == [("INFO", "unitemate.rest.refusals", False)]
        for name in ("X-Request-ID", "Content-Security-Policy", "X-Frame-Options"):
            assert name in answer.headers


@pytest.mark.parametrize("kind", BODIES)
def test_the_api_takes_no_form_at_all(client, lines, kind):
    form, body, _ = BODIES[kind]
    for path, expected in (
        ("/api/auth/dev/login", {413, 415}),
        ("/api/none", {404, 415}),
        ("/api/queue/join", {401, 415}),
    ):
        answer = client.generic("POST", path, body, content_type=form)
        assert answer.status_code in expected, path
        assert answer.json()["errors"]
    assert [line for line in lines() if line[2] or line[0] not in ("INFO",)] == []


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"', "U8"])
def test_forms_in_utf8_are_read(client, charset):
    answer = client.generic("POST", "/language", b"language=en", content_type=f"{URLENCODED}; charset={charset}")
    assert answer.status_code == 302


@pytest.mark.parametrize("charset", CHARSETS)
def test_an_encoding_means_nothing_where_there_is_no_form(client, charset):
    """JSON is UTF-8 whatever the header says, and so is a query."""
    answer = client.generic(
        "POST", "/api/auth/dev/login", '{"name": "é"}'.encode(), content_type=f"application/json; charset={charset}"
    )
    assert answer.status_code == 200
    query = client.generic("GET", "/api/users/ranking?page_size=1", content_type=f"text/plain; charset={charset}")
    assert query.status_code == 200


# --- addresses and cookies ------------------------------------------------------------------------


@pytest.fixture
def staff(client):
    cache.clear()
    user = User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/admin/users/user/%00/change/",
            "/admin/%00/",
            "/admin/matches/season/%00/history/",
            "/%00",
            "/static/%00.js",
        ),
        *("/api/users/%00", "/api/matches/%00", "/api/seasons/%00/ranks", "/api/%00", "/admin/r/%00/%00/"),
    ],
)
def test_nul_is_in_no_address(client, staff, lines, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert {line[:2] for line in lines()} <= {("INFO", "unitemate.rest.refusals")}


@pytest.mark.parametrize("name", ["q", "o", "p", "user_id", "trainer_name__exact", "is_staff__exact", "next", "a\0"])
@pytest.mark.parametrize("path", ["/admin/users/user/", "/admin/matches/match/", "/admin/login/", "/"])
def test_nul_is_in_no_query(client, staff, path, name):
    assert client.get(path, {name: "a\0b"}).status_code == 400


YEARS = {
    "staff/auditentry": "made_at",
    "users/user": "banned_at",
    "users/penalty": "lifted_at",
    "matches/match": "matched_at",
}


@pytest.mark.parametrize("page", YEARS)
@pytest.mark.parametrize("year", ["-1", "0", "10000", "9" * 30])
def test_a_year_that_is_none_shows_the_whole_list(client, staff, page, year):
    answer = client.get(f"/admin/{page}/", {f"{YEARS[page]}__year": year})
    assert (answer.status_code, answer.headers.get("Location")) in ((302, f"/admin/{page}/?e=1"), (200, None))
    assert client.get(f"/admin/{page}/", {"e": "1"}).status_code == 200


def test_too_many_parameters_are_refused(client, staff, lines):
    query = {f"a{n}": "1" for n in range(1005)}
    for path in ("/admin/users/user/", "/", "/api/users/ranking"):
        assert client.get(path, query).status_code == 400
    assert {line[0] for line in lines()} == {"INFO"}


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "django_language", "other"])
def test_a_cookie_with_nul_is_none(client, staff, name):
    """Quoted, as its standard has it; the others in the same header stay good."""
    cookie = f'{name}="\\000abcdefghijkl"'
    if name != "sessionid":
        cookie += f"; sessionid={client.cookies['sessionid'].value}"
    client.cookies.clear()
    answer = client.get("/admin/users/user/", headers={"Cookie": cookie})
    assert answer.status_code == (302 if name == "sessionid" else 200)


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 5000, "", "1e3"])
@pytest.mark.parametrize("path", ["/language", "/admin/login/", "/api/auth/dev/login"])
def test_a_length_that_is_none_is_no_fault_of_the_server(client, path, length):
    answer = client.generic("POST", path, b"a=1", content_type=URLENCODED, CONTENT_LENGTH=length)
    assert answer.status_code < 500
