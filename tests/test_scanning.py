"""The scan of the test run finds what it is there to find, wherever it leaves."""

import logging

import pytest
from django.http import HttpResponse

from realtime.telemetry import multiprocess
from tests.realtime.scene import Scene
from tests.scanning import _figures, scan
from tests.unitemate.telemetry.test_scrubbing import DISCORD, EMAIL, SUB, TOKEN

PERSONAL = [EMAIL, SUB, DISCORD, TOKEN, "test|Ann-1", "dev|Ann"]


@pytest.mark.parametrize("planted", PERSONAL)
class TestWhatIsFound:
    def test_in_a_push(self, planted):
        Scene({"trainer_name": planted}).join()
        assert [finding.split(":")[0] for finding in scan.take()] == ["push"]

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_in_an_answer(self, client, planted, status, monkeypatch):
        answer = HttpResponse(f'{{"detail": "{planted}"}}', status=status, content_type="application/json")
        monkeypatch.setattr("django.core.handlers.base.BaseHandler._get_response", lambda self, request: answer)
        client.get("/livez")
        assert [finding.split(":")[0] for finding in scan.take()] == ["answer"]

    def test_in_a_line(self, planted):
        record = logging.LogRecord("realtime.delivery.hub", logging.ERROR, "x.py", 1, "a line", (), None)
        (handler,) = (one for one in logging.getLogger().handlers if type(one).__name__ == "_Lines")
        formatter, handler.formatter = handler.formatter, logging.Formatter(f"%(message)s {planted}")
        try:
            handler.emit(record)  # as if nothing were scrubbed
        finally:
            handler.formatter = formatter
        assert [finding.split(":")[0] for finding in scan.take()] == ["log"]


def test_figures_are_looked_at():
    from realtime import metrics  # noqa: PLC0415

    metrics.GAPS.labels("queue").inc()
    assert any("unitemate_gaps_total" in line for line in _figures())
    assert multiprocess.folder().running()


@pytest.mark.parametrize(
    "harmless",
    ["a line", "1795511839.1098347", "4y3ktqvyaqemeyxx", "12345678", "9223372036854775807", "@", "a | b", "eyJ"],
)
def test_what_is_not_personal_is_let_pass(harmless):
    scan.look("log", harmless)
    assert scan.take() == []
