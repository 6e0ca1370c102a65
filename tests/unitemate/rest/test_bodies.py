"""Bodies count by what comes, not by what a header says: in one piece, in chunks, slowly, without an end."""

import asyncio
import socket

import httpx
import pytest

from unitemate.rest.bodies import REFUSED, BoundedBodies

LIMIT = 64 * 1024


# --- the application ------------------------------------------------------------------------------


class Seen:
    """What an application was given."""

    scope: dict | None = None
    body = b""
    then: dict | None = None


def ask(chunks, headers=(), *, query=b"", end=True, ends_with=None, **bounds) -> tuple[Seen, int]:
    """Send chunks; what the application saw of them, and how many were asked for.

    Args:
        end: whether the last is the end of the body; else nothing more comes.
        ends_with: a message that comes in the end.
        bounds: of `BoundedBodies`.
    """
    seen, asked = Seen(), 0
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if end:
        messages[-1]["more_body"] = False
    messages.extend([ends_with] if ends_with else [])

    async def application(scope, receive, send):
        seen.scope = scope
        message = await receive()
        seen.body, more = message["body"], message["more_body"]
        assert not more
        if ends_with:
            seen.then = await receive()

    async def receive():
        nonlocal asked
        asked += 1
        return messages.pop(0) if messages else await asyncio.Future()

    scope = {"type": "http", "headers": list(headers), "query_string": query}
    asyncio.run(BoundedBodies(application, **bounds)(scope, receive, None))
    return seen, asked


def lengths(scope) -> list[bytes]:
    return [value for name, value in scope["headers"] if name in (b"content-length", b"transfer-encoding")]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"7")],
        [(b"content-length", b"7"), (b"content-length", b"8")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"9" * 5000)],
        [(b"content-length", b"")],
        [],
    ],
)
def test_a_body_is_passed_on_in_one_piece_with_its_length(headers):
    seen, _ = ask([b"abc", b"", b"defg"], [(b"host", b"x"), *headers], ends_with={"type": "http.disconnect"})
    assert (seen.body, lengths(seen.scope)) == (b"abcdefg", [b"7"])
    assert (b"host", b"x") in seen.scope["headers"]
    assert REFUSED not in seen.scope
    assert seen.then == {"type": "http.disconnect"}


def test_no_body_is_none():
    seen, _ = ask([b""])
    assert (seen.body, lengths(seen.scope)) == (b"", [])


@pytest.mark.parametrize(("size", "status"), [(LIMIT, None), (LIMIT + 1, 413), (10 * LIMIT, 413)])
def test_the_limit_holds_for_what_comes(size, status):
    seen, _ = ask([b"x" * 1000] * (size // 1000) + [b"x" * (size % 1000)], [(b"content-length", b"5")])
    problem = seen.scope.get(REFUSED)
    assert (problem and problem.status, len(seen.body)) == (status, 0 if status else size)
    assert problem is None or not problem.is_unread


def test_of_a_body_without_an_end_so_much_is_thrown_away():
    seen, asked = ask([b"x" * 10_000] * 1000, end=False, thrown_away=100_000)
    assert seen.scope[REFUSED] == (413, "too_large", "The request body is too large.", True)
    assert asked == 17  # of 10,000 each: the limit, what may be thrown away, and what goes over


def test_who_asks_before_sending_is_told_before():
    headers = [(b"content-length", b"%d" % (LIMIT + 1)), (b"expect", b"100-Continue")]
    seen, asked = ask([b"x"], headers)
    assert (seen.scope[REFUSED].status, asked) == (413, 0)
    seen, asked = ask([b"x"], [(b"content-length", b"1"), headers[1]])
    assert (REFUSED in seen.scope, seen.body) == (False, b"x")


def test_a_body_that_does_not_come_is_not_waited_for():
    seen, _ = ask([b"abc"], end=False, within=0.01)
    assert (seen.scope[REFUSED].status, seen.scope[REFUSED].is_unread) == (408, True)


def test_who_is_gone_is_not_answered():
    seen, _ = ask([b"abc"], end=False, ends_with={"type": "http.disconnect"})
    assert seen.scope is None


def test_a_query_that_is_not_utf8_becomes_one_that_django_reads():
    seen, _ = ask([b""], query=b"q=\xff%20&x=\xc3\xa9")
    assert seen.scope["query_string"] == b"q=%FF%20&x=%C3%A9"


UNREADABLE = [b"a/b; c*=evil''x", b"a/b; charset*=evil''utf-8", b"a/b; charset*=utf-8''%00", b"a;b*0=1;b*x=2;b*=3"]


@pytest.mark.parametrize("content_type", UNREADABLE)
def test_a_type_that_django_cannot_read_is_not_shown_to_it(content_type):
    seen, _ = ask([b"abc"], [(b"content-type", content_type), (b"content-length", b"3")])
    assert seen.scope[REFUSED] == (400, "parse_error", "The Content-Type cannot be read.", False)
    assert [name for name, _ in seen.scope["headers"]] == [b"content-length"]


@pytest.mark.parametrize(
    "content_type", [b"application/json", b"a/b; charset=evil", b"x" * 9000, b";", b"\xff;\xff=\xff"]
)
def test_any_other_type_stays(content_type):
    seen, _ = ask([b"abc"], [(b"content-type", content_type)])
    assert (b"content-type", content_type) in seen.scope["headers"]
    assert REFUSED not in seen.scope


# --- behind a server ------------------------------------------------------------------------------


def chunked(*chunks: bytes):
    async def pieces():
        for chunk in chunks:
            yield chunk

    return pieces()


async def test_bodies_in_chunks_are_read_and_bounded(server):
    """One server for all of it: what is sent in chunks is saved, and what is too much is refused as any other."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
        login = await http.post("/api/auth/dev/login", content=chunked(b'{"name"', b': "Ann"}'), headers=JSON)
        assert login.status_code == 200
        bearer = {"Authorization": f"Bearer {login.json()['token']}"}
        saved = await http.patch(PROFILE, content=chunked(b'{"bio": ', b'"in pieces"}'), headers=bearer | JSON)
        assert (saved.status_code, saved.json()["bio"]) == (200, "in pieces")
        assert (await http.get(PROFILE, headers=bearer)).json()["bio"] == "in pieces"

        for path, form in ((PROFILE, JSON), ("/language", FORM), ("/admin/login/", FORM), ("/api/none", JSON)):
            for content in (b"x" * (LIMIT + 1), chunked(*[b"x" * 60_000] * 100)):
                refused = await http.post(path, content=content, headers=bearer | form)
                assert refused.status_code == 413, path
                for name in ("X-Request-ID", "Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"):
                    assert name in refused.headers
                if path.startswith("/api/"):
                    assert refused.json()["errors"][0]["code"] == "too_large"

        many = await http.request("GET", "/api/queue", content=chunked(*[b"x" * 60_000] * 5))
        assert many.status_code == 413
        assert (await http.get(b"/api/queue?q=\xff".decode("latin-1"))).status_code == 200
        for raw in RAW:
            assert await asyncio.to_thread(status_of, server.port, raw) in (b"400", b"404"), raw


PROFILE = "/api/users/me/profile"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEAD = b"POST /language HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
RAW = [
    HEAD + b"Content-Length: abc\r\n\r\n",
    HEAD + b"Content-Length: -5\r\n\r\n",
    HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n",
    HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n",
    *(HEAD + b"Content-Type: " + one + b"\r\nContent-Length: 3\r\n\r\na=1" for one in UNREADABLE),
    b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /admin/users/user/%00/change/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /admin/login/?q=%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
]


def status_of(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(request)
        answer = b"".join(iter(lambda: link.recv(4096), b""))
    return answer.split(b" ")[1] if answer else b""
