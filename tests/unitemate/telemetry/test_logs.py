"""Lines of the service as they are configured: each once, scrubbed, with the id of its request or connection."""

import json
import logging
import subprocess
import sys

import pytest
import websockets
from django.db import OperationalError

from realtime import rest
from realtime.socket.consumer import RealtimeConsumer
from tests.figures import figure
from tests.unitemate.telemetry.test_scrubbing import EMAIL, PLANTED, SECRET, assert_nothing_leaks
from tests.waiting import until
from unitemate.telemetry.logs import formatter
from users.models import User

PROGRAM = f"""
import django, logging, sys
django.setup()
error = ValueError({SECRET!r})
for name in ("django", "django.request", "django.server", "django.channels.server", "django.security.csrf",
             "daphne.server", "uvicorn", "uvicorn.error", "channels", "asyncio", "realtime.delivery.hub", "users.jwks"):
    logging.getLogger(name).error("a line of %s", {EMAIL!r}, exc_info=error)
logging.getLogger("uvicorn.error").info("connection open")
"""


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("form", ["json", "console"])
def test_every_logger_writes_once_and_scrubbed(debug, form, tmp_path):
    environment = {"DJANGO_SETTINGS_MODULE": "unitemate.settings", "PATH": "", "METRICS_DIR": str(tmp_path)}
    environment |= {"DEBUG": debug, "LOG_FORMAT": form}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout == ""
    assert done.stderr.count("a line of") == 12
    assert "connection open" not in done.stderr
    assert_nothing_leaks(done.stderr)
    if form == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert {line["level"] for line in lines} == {"error"}
        assert {line["exception"] for line in lines} == {"ValueError"}


@pytest.mark.parametrize(("debug", "form"), [("0", "json"), ("1", "console")])
def test_programs_read_json_unless_one_debugs(debug, form, tmp_path):
    environment = {"DJANGO_SETTINGS_MODULE": "unitemate.settings", "PATH": "", "DEBUG": debug}
    done = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.LOG_FORMAT)"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{form}\n"


@pytest.fixture
def lines():
    """The lines written meanwhile, as objects."""
    written: list[dict] = []

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(json.loads(self.format(record)))

    handler = Kept()
    handler.setFormatter(formatter("json"))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_a_request_that_fails_is_told_with_its_id_and_its_route(client, lines, monkeypatch):
    def broken(stream):
        raise OperationalError(f"connection as {SECRET} failed")

    monkeypatch.setattr(rest, "answer", broken)
    client.raise_request_exception = False
    before = figure("unitemate_log_lines_total", level="error")
    answer = client.get(f"/api/queue?token={SECRET}", headers={"User-Agent": SECRET, "Cookie": f"x={SECRET}"})
    assert answer.status_code == 500
    (line,) = (line for line in lines if line["level"] == "error")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["route"], line["method"], line["status_code"]) == ("api/queue", "GET", 500)
    assert "OperationalError" in line["exception"]
    assert_nothing_leaks(json.dumps(line) + answer.text)
    assert figure("unitemate_log_lines_total", level="error") == before + 1


@pytest.mark.django_db
def test_the_next_request_has_an_id_of_its_own(client, lines, monkeypatch):
    monkeypatch.setattr(rest, "answer", lambda stream_type: 1 / 0)
    client.raise_request_exception = False
    answers = [client.get("/api/queue") for _ in range(2)]
    ids = [line["request_id"] for line in lines if line["level"] == "error"]
    assert ids == [answer.headers["X-Request-ID"] for answer in answers]
    assert ids[0] != ids[1]


async def test_a_socket_that_fails_is_told_with_its_connection(server, lines, monkeypatch):
    async def broken(self, action, frame):
        raise OperationalError(f"connection as {SECRET} failed")

    monkeypatch.setattr(RealtimeConsumer, "_serve", broken)
    for _ in range(2):
        async with websockets.connect(server.socket_url) as socket:
            await socket.send(json.dumps({"action": "authenticate", "token": SECRET}))
            await socket.wait_closed()
            assert socket.close_code == 1012
    await until(lambda: len([line for line in lines if "frame could not be served" in line["event"]]) == 2)
    ids = {line["connection_id"] for line in lines if "frame could not be served" in line["event"]}
    assert len(ids) == 2
    assert_nothing_leaks(json.dumps(lines))


@pytest.fixture
def everything_told():
    """The root's level set so low that all is told; by `setLevel`, since loggers remember whom they have let speak."""
    root = logging.getLogger()
    usual = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(usual)


@pytest.mark.django_db
@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.usefixtures("everything_told")
def test_what_clients_plant_is_in_no_line_and_no_refusal(client, lines, planted):
    answers = [
        client.get("/api/users/me", headers={"Authorization": f"Bearer {planted}"}),
        client.get("/api/users/me", headers={"Authorization": planted, "Cookie": f"sessionid={planted}"}),
        client.get(f"/api/users/{planted}"),
        client.get("/api/queue", {"token": planted}, headers={"X-Request-ID": planted, "Referer": planted}),
        client.post("/api/queue/join", {"token": planted}, content_type="application/json"),
        client.post("/api/queue/join", planted, content_type="application/json"),
        client.get("/metrics", headers={"X-Forwarded-For": planted}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 404, 200, 401, 401, 403]
    assert User.objects.count() == 0
    assert lines
    assert_nothing_leaks(json.dumps(lines) + "".join(answer.text + str(answer.headers) for answer in answers))
