"""Scrubbing of log lines: nothing that comes from a person, a request or a row is logged.

All lines pass through here, those of the service and of libraries alike:

- A field is shown if its key is allowed, and its value is a number or a short plain word.
- A message is shown as it stands in the source. What is filled in is shown if it is a number or
  the name of an exception.
- An exception is shown by its type and its stack, without its message.
- A library's message that is formatted already loses its quoted parts.

So data that nobody thought of is hidden rather than shown. Finally, whatever looks like a token, an
address or an identity is removed.
"""

import logging
import re
import traceback
from collections.abc import Mapping, MutableMapping
from http.client import responses
from pathlib import Path
from types import TracebackType
from typing import Any

HIDDEN = "[hidden]"
ALLOWED = frozenset(
    {
        *("timestamp", "level", "logger", "event", "exception"),
        *("request_id", "connection_id", "method", "route", "status", "status_code", "seconds", "time_taken"),
        *("match_id", "worker"),
    }
)
"""Keys whose values are shown."""
OURS = frozenset({"realtime", "staff", "users", "queue_app", "matches", "web", "unitemate"})
"""Loggers whose messages are literals of this source code (ruff's rules G ensure it)."""

LARGEST = 10**12
"""Larger numbers could be somebody's id, so they are hidden."""
LONGEST = 100
"""Longest value that is shown, in characters."""
LONGEST_MESSAGE = 500
"""Longest message that is shown, in characters."""
FRAMES = 12
"""Innermost frames of an exception that are shown."""
ROOT = Path(__file__).resolve().parents[2]

_EXCEPTION = re.compile(r"[A-Z][A-Za-z]{1,60}(?:Error|Exception|Timeout|Refused|Closed|Unavailable|Rejected|Warning)")
_PLAIN = re.compile(r"[\w/<>: .+-]*")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|<[^>]*>|\([^)]*\)|\[[^]]*\]|\{[^}]*\}|(?<==)\S+|(?<=: ).*""")
_PERSONAL = re.compile(
    r"""
    eyJ[\w.-]{5,}                  # a token
    | (?i:bearer|basic)\s+\S+       # a header's
    | (?<![^\s@/])[^\s@/]++@[^\s@/]+   # an e-mail address, or the user of an address
    | (?<![\w.-])[\w.-]++\|[^\s|]+    # an identity provider's name for a person
    | \b\d{13,}\b                   # an id
    | (?<=\S)\?\S+                  # what follows a path
    """,
    re.VERBOSE,
)


def scrub(logger: Any, name: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor that removes everything that is not allowed."""
    record: logging.LogRecord | None = event.pop("_record", None)
    event.pop("_from_structlog", None)
    arguments = event.pop("positional_args", ())
    error = event.pop("exc_info", None)
    for key in ("stack_info", "message", "asctime"):  # the last two are what other formatters leave on a record
        event.pop(key, None)
    shown = {key: _field(value) if key in ALLOWED else HIDDEN for key, value in event.items() if key != "event"}
    if record is not None:
        shown["event"] = _message(record.name, record.msg, arguments)
    else:
        shown["event"] = _without_persons(str(event.get("event", "")))
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[1] is not None:
        shown["exception"] = _exception(error[1])
    return shown


def _field(value: Any) -> Any:
    if isinstance(value, str):
        plain = len(value) <= LONGEST and _PLAIN.fullmatch(value) and not _PERSONAL.search(value)
        return value if plain else HIDDEN
    return _argument(value)


def _argument(value: Any) -> Any:
    """A value of a message's placeholder, or its replacement."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < LARGEST):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, str) and (_EXCEPTION.fullmatch(value) or value in responses.values()):
        return value
    return HIDDEN


def _message(name: str, template: Any, arguments: Any) -> str:
    if isinstance(template, BaseException):
        return type(template).__name__
    text = str(template)
    if name == "uvicorn.access" and isinstance(arguments, tuple) and len(arguments) == 5:
        _, method, path, _, status = arguments
        return _without_persons(f"{_field(method)} {address(str(path))} {_argument(status)}")
    if arguments:
        return _without_persons(_filled(text, arguments))
    if name.split(".")[0] not in OURS:
        text = _QUOTED.sub(HIDDEN, text.split("\n")[0][:LONGEST_MESSAGE])
    return _without_persons(text)


def _filled(template: str, arguments: Any) -> str:
    try:
        if isinstance(arguments, Mapping):
            known = {key: _field(value) if key in ALLOWED else HIDDEN for key, value in arguments.items()}
            if "path" in known:
                known["path"] = address(str(arguments["path"]))
            return template % known
        return template % tuple(_argument(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        return template  # a form such as %d does not take what is hidden


def address(path: str) -> str:
    """A request's path without its query, and without segments that are not a short word."""
    steps = path.partition("?")[0].split("/")
    return "/".join(step if re.fullmatch(r"[\w.-]{0,40}", step) else HIDDEN for step in steps)


def _without_persons(text: str) -> str:
    if len(text) > LONGEST_MESSAGE:  # up to a space, or half of something would not be known for what it is
        text = text[:LONGEST_MESSAGE].rpartition(" ")[0] + " …"
    return _PERSONAL.sub(HIDDEN, text)


def _exception(error: BaseException) -> str:
    """An exception and its causes, without their messages."""
    told: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        told.insert(0, "\n".join([*_places(current.__traceback__), type(current).__name__]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\nled to\n".join(told)


def _places(trace: TracebackType | None) -> list[str]:
    places = [
        f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in traceback.walk_tb(trace)
    ]
    return places[-FRAMES:]


def _short(path: str) -> str:
    """A file's path within the project or within its package."""
    for start in (f"{ROOT}/", "site-packages/", "/lib/"):
        _, found, rest = path.partition(start)
        if found:
            return rest
    return Path(path).name
