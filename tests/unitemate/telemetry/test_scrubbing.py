"""Nothing personal leaves in a log line, wherever it was planted; and what is needed is still told."""

import asyncio
import json
import logging

import pytest
import structlog

from unitemate.telemetry.logs import formatter
from unitemate.telemetry.scrubbing import HIDDEN, address

EMAIL = "ann.planted@mail.example"
SUB = "auth0|planted5f7c8ec7c33c6c004bbafe82"
DISCORD = "412340987612345678"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlcGxhbnRlZA"
SECRET = "hunter2planted"
REQUEST = "0123456789abcdef" * 2
PLANTED = (EMAIL, SUB, DISCORD, TOKEN, SECRET)


@pytest.fixture(params=["json", "console"])
def said(request, monkeypatch):
    """What a logger has written, in the form of a deployment and that of a console."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(formatter(request.param))
    root = logging.getLogger()
    root.addHandler(handler)
    monkeypatch.setattr(root, "level", logging.DEBUG)

    def text() -> str:
        assert lines, "nothing was written"
        return "\n".join(lines)

    yield text
    root.removeHandler(handler)


def assert_nothing_leaks(text: str) -> None:
    assert [planted for planted in (*PLANTED, "planted") if planted in text] == []


ours, theirs = logging.getLogger("realtime.delivery.hub"), logging.getLogger("somelibrary.part")


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("logger", [ours, theirs])
class TestWherePersonalDataMayBePut:
    def test_into_a_message(self, said, logger, planted):
        logger.warning("could not serve %s because of %r", planted, {"key": planted})
        logger.warning("could not serve %(who)s", {"who": planted})
        assert_nothing_leaks(said())
        assert "could not serve" in said()

    def test_into_fields(self, said, logger, planted):
        fields = ("token", "sub", "email", "discord_id", "password", "authorization", "anything")
        logger.warning("a line", extra=dict.fromkeys(fields, planted))
        if planted != SECRET:  # a plain word is shown under a key that is allowed
            logger.warning("a line", extra=dict.fromkeys(("route", "match_id"), planted))
        assert_nothing_leaks(said())

    def test_into_an_exception_and_its_causes(self, said, logger, planted):
        try:
            try:
                raise KeyError(planted)
            except KeyError as error:
                raise ValueError(f"no such player: {planted}") from error
        except ValueError:
            logger.exception("a frame could not be served")
        assert_nothing_leaks(said())
        assert "KeyError" in said()
        assert "ValueError" in said()
        assert "test_scrubbing.py:" in said()

    def test_into_an_exception_that_is_the_message(self, said, logger, planted):
        logger.error(ValueError(planted))
        assert_nothing_leaks(said())
        assert "ValueError" in said()

    def test_into_what_is_bound(self, said, logger, planted):
        with structlog.contextvars.bound_contextvars(user=planted, token=planted):
            logger.warning("a line")
        assert_nothing_leaks(said())


@pytest.mark.parametrize("planted", PLANTED)
class TestWhatLibrariesPutTogetherThemselves:
    @pytest.mark.parametrize(
        "text",
        [
            "Invalid value '{}'",
            'Invalid value "{}"',
            "Task finished exception=ValueError('{}')\nfuture: <{}>",
            "Failed for <User {}>",
            "token={} is wrong",
            "cannot read key: {}",
            "unexpected (user {})",
        ],
    )
    def test_it_loses_what_it_quotes(self, said, planted, text):
        theirs.error(text.format(planted, planted))
        assert_nothing_leaks(said())

    def test_asyncio_tells_of_a_task_without_its_words(self, said, planted):
        async def fail():
            raise ValueError(planted)

        async def main():
            task = asyncio.get_running_loop().create_task(fail())
            await asyncio.sleep(0)
            del task

        asyncio.run(main())
        assert_nothing_leaks(said())
        assert "Task exception was never retrieved" in said()
        assert "ValueError" in said()

    def test_uvicorns_access_lines_have_no_query(self, said, planted):
        line = '%s - "%s %s HTTP/%s" %d'
        logger = logging.getLogger("uvicorn.access")
        logger.propagate = True
        if planted != SECRET:  # as a step of a path it is a word like any other
            logger.warning(line, "192.0.2.7:5000", "GET", f"/api/users/{planted}", "1.1", 200)
        logger.warning(line, "192.0.2.7:5000", "GET", f"/?dev={planted}", "1.1", 200)
        assert_nothing_leaks(said())
        assert "GET / 200" in said()
        assert "192.0.2.7" not in said()

    def test_daphnes_access_lines_have_no_query(self, said, planted):
        details = {"method": "GET", "path": f"/?dev={planted}", "status": 200, "time_taken": 0.25, "client": planted}
        line = "HTTP %(method)s %(path)s %(status)s [%(time_taken).2f, %(client)s]"
        logging.getLogger("django.channels.server").warning(line, details)
        assert_nothing_leaks(said())
        assert f"HTTP GET / 200 [0.25, {HIDDEN}]" in said()


class TestWhatIsStillTold:
    @pytest.mark.parametrize("error", ["ConnectionError", "OSError", "SSLError"])
    def test_messages_numbers_and_the_names_of_exceptions(self, said, error):
        ours.warning("worker %s ended with status %s after %.1f s: %s", 4711, -9, 1.25, error)
        assert f"worker 4711 ended with status -9 after 1.2 s: {error}" in said()

    def test_allowed_fields(self, said):
        with structlog.contextvars.bound_contextvars(request_id=REQUEST, route="api/users/<str:user_id>"):
            ours.warning("a line", extra={"match_id": "4y3ktqvyaqemeyxx", "status": 503})
        for shown in (
            REQUEST,
            "api/users/<str:user_id>",
            "4y3ktqvyaqemeyxx",
            "503",
            "realtime.delivery.hub",
            "warning",
        ):
            assert shown in said()

    def test_what_libraries_say_by_themselves(self, said):
        theirs.error("Exception in ASGI application\n")
        assert "Exception in ASGI application" in said()


def test_what_a_form_does_not_take_is_no_obstacle():
    record = logging.LogRecord("realtime.delivery.hub", logging.ERROR, "x.py", 1, "number %d", (SECRET,), None)
    assert json.loads(formatter("json").format(record))["event"] == "number %d"


def test_a_line_is_one_json_object():
    record = logging.LogRecord("realtime.delivery.hub", logging.ERROR, "x.py", 1, "a line\nof two", (), None)
    line = formatter("json").format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "a line\nof two"
    assert json.loads(line)["level"] == "error"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "/"),
        ("/api/users/4y3ktqvyaqemeyxx?token=x", "/api/users/4y3ktqvyaqemeyxx"),
        ("/a b/c", f"/{HIDDEN}/c"),
        (f"/api/{SUB}/{EMAIL}", f"/api/{HIDDEN}/{HIDDEN}"),
    ],
)
def test_addresses(path, shown):
    assert address(path) == shown


@pytest.mark.parametrize("word", ["a", "a.", "'", "<", "a@", "1", "eyJ", "a|", "=", "?"])
def test_a_long_line_takes_no_longer_for_its_length_than_a_short_one(word):
    record = logging.LogRecord("somelibrary", logging.ERROR, "x.py", 1, word * 200_000, (), None)
    ours = logging.LogRecord("realtime.delivery.hub", logging.ERROR, "x.py", 1, word * 200_000, (), None)
    form = formatter("json")  # with a pattern that looks back from each place this would take hours
    assert len(form.format(record)) < 2000
    assert json.loads(form.format(ours))["level"] == "error"
