"""The format of log lines: JSON for programs or text for a console, scrubbed in both cases."""

import logging

import structlog

from realtime.operations import views
from realtime.telemetry.instruments import counter
from unitemate.telemetry.scrubbing import scrub

LINES = counter("unitemate_log_lines_total", "Warnings and errors that were logged.", "level")
views.count("errors", LINES.name, "Errors that were logged.", where=lambda labels: labels["level"] == "error")


def formatter(form: str) -> logging.Formatter:
    """The formatter of every handler in the settings.

    Args:
        form: `json`, or `console`.
    """
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        use_get_message=False,
        pass_foreign_args=True,
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[scrub, renderer],
    )


class CountingHandler(logging.Handler):
    """Counts warnings and errors."""

    def emit(self, record: logging.LogRecord) -> None:
        LINES.labels("error" if record.levelno >= logging.ERROR else "warning").inc()
