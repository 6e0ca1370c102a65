"""Requests are known by an id and counted by the pattern of their address."""

import re

import pytest

from tests.figures import figure

pytestmark = pytest.mark.django_db


def number(**labels: str) -> float:
    return figure("unitemate_http_requests_total", **labels)


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/api/system", ("api/system", "GET", "200")),
        ("GET", "/api/users/0123456789abcdef", ("api/users/<str:user_id>", "GET", "404")),
        ("POST", "/api/queue/join", ("api/queue/join", "POST", "401")),
        ("GET", "/api/users/ann@example.com/nowhere", ("none", "GET", "404")),
        ("BREW", "/api/system", ("api/system", "OTHER", "405")),
        ("GET", "/admin/users/user/", ("admin/", "GET", "302")),
        ("GET", "/livez", ("livez", "GET", "200")),
        ("GET", "/static/web/client.js", ("static/", "GET", "200")),
    ],
)
def test_a_request_is_counted_by_the_pattern_of_its_address(client, method, path, labels):
    route, label, status = labels
    before = number(route=route, method=label, status=status)
    times = figure("unitemate_http_request_seconds_count", route=route)
    response = client.generic(method, path)
    assert str(response.status_code) == status
    assert number(route=route, method=label, status=status) == before + 1
    assert figure("unitemate_http_request_seconds_count", route=route) == times + 1


def test_bytes_are_counted_both_ways(client):
    def sizes() -> tuple[float, float]:
        return tuple(
            figure(f"unitemate_http_{way}_bytes_total", route="api/auth/dev/login") for way in ("received", "sent")
        )

    received, sent = sizes()
    body = b'{"name": "Ann"}'
    response = client.post("/api/auth/dev/login", body, content_type="application/json")
    fields = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
    assert sizes() == (received + len(body), sent + len(response.content) + fields)


@pytest.mark.parametrize("given", ["0" * 32, "3f2b8c1e-1234-4abc-9def-0123456789ab"])
def test_a_proxys_id_is_kept(client, given):
    assert client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "ann@example.com", "123456789012345678", "0" * 33, "0" * 32 + "\n", "X" * 32, "é"]
)
def test_what_could_be_somebodys_words_is_no_id(client, given):
    made = client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert made != given


def test_every_request_has_an_id_of_its_own(client):
    assert len({client.get("/livez").headers["X-Request-ID"] for _ in range(3)}) == 3
