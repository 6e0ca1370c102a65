"""Reading settings from the environment. All errors are reported at once, and nothing is guessed."""

import re
from argparse import ArgumentTypeError
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from realtime.management.bounded_numbers import BoundedNumber

FALSE = ("false", "off", "n", "no", "0")
TRUE = environ.Env.BOOLEAN_TRUE_STRINGS

DAYS = BoundedNumber(1, 36_500, "days")
"""At least one day, or `prune` would delete what was written a moment ago."""

NUMBERS: dict[str, tuple[float, BoundedNumber]] = {
    # Two, so that a request does not wait for the relay; PostgreSQL admits 100 sessions unless told otherwise.
    "DATABASE_POOL": (12, BoundedNumber(2, 1000, "connections")),
    "WEB_CONCURRENCY": (1, BoundedNumber(1, 256, "processes")),
    # Each connection is written to once in that time. deploy/nginx.conf ends one that is silent for 60 s: three beats.
    "REALTIME_HEARTBEAT": (10.0, BoundedNumber(0.1, 20, "seconds", is_whole=False)),
    "RETAIN_AUDIT_DAYS": (730, DAYS),
    "RETAIN_ACCUSATIONS_DAYS": (365, DAYS),
    "RETAIN_PENALTIES_DAYS": (365, DAYS),
    "RETAIN_DELETED_DAYS": (30, DAYS),
    "RETAIN_STREAMS_DAYS": (30, DAYS),
    # Below, a match would last for days; above, its limits are shorter than a request takes.
    "UNITEMATE_TIME_SCALE": (1.0, BoundedNumber(0.1, 10_000, is_whole=False)),
    # Of `make run` alone.
    "PORT": (8000, BoundedNumber(1, 65_535)),
    "BOTS": (14, BoundedNumber(0, 500, "bots")),
}
"""Every number that the environment may set: {name: (default, accepted values)}."""


class Environment(environ.Env):  # type: ignore[misc]
    """The environment's settings. Errors are collected, and `refuse` raises them together."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def number(self, name: str) -> Any:
        """A number of `NUMBERS`; the default if it is unset or empty."""
        default, taken = NUMBERS[name]
        text = self.ENVIRON.get(name, "").strip()
        if not text:
            return default
        try:
            return taken(text)
        except ArgumentTypeError as error:
            return self._refused(name, str(error), default)

    def switches(self, prefix: str, suffix: str) -> dict[str, bool]:
        """All switches with this prefix and suffix, by the part between them in lower case."""
        pattern = re.compile(f"{prefix}([A-Z]+){suffix}")
        names = [match for match in map(pattern.fullmatch, self.ENVIRON) if match]
        return {match[1].lower(): self.bool(match[0], default=True) for match in names}

    def bool(self, name: str, default: bool) -> bool:  # type: ignore[override]
        """A switch: on or off, in one of the usual words."""
        text = self.ENVIRON.get(name, "").strip().lower() or str(default).lower()
        if text not in (*TRUE, *FALSE):
            self._refused(name, f"must be true or false, and is {text[:40]!r}", default)
        return text in TRUE

    def word(self, name: str, words: tuple[str, ...], default: str) -> str:
        """One of these words, in upper or lower case."""
        text = self.ENVIRON.get(name, "").strip() or default
        found = next((word for word in words if word.lower() == text.lower()), None)
        return found or self._refused(name, f"must be one of {', '.join(words)}, and is {text[:40]!r}", default)

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Where the database is: SQLite or PostgreSQL."""
        found: dict[str, Any] = {}
        with suppress(ValueError):  # its message would contain parts of the address, such as the password
            if text := self.ENVIRON.get(name, default).strip():
                found = self.db_url_config(text)
        if not found.get("ENGINE", "").endswith((".sqlite3", ".postgresql")):
            form = "must be of the form postgresql://user:password@host:port/name or sqlite:///path"
            self._refused(name, f"{form}; in a password, write characters such as / # ? @ as %2F %23 %3F %40", None)
            return self.db_url_config(default)
        return found

    def hosts(self, name: str) -> list[str]:
        """The addresses of Redis servers, separated by commas; an empty list if unset."""
        found = [part.strip() for part in self.ENVIRON.get(name, "").split(",")] if self.ENVIRON.get(name) else []
        if not all(map(_is_redis, found)):
            self._refused(name, "must be of the form redis://user:password@host:port/number, several with commas", None)
        return found

    def refuse(self) -> None:
        """Report the collected errors.

        Raises:
            ImproperlyConfigured: there are errors; one line each.
        """
        for name in NUMBERS:
            self.number(name)
        if self.wrong:
            raise ImproperlyConfigured("\n".join(dict.fromkeys(self.wrong)))

    def _refused(self, name: str, why: str, instead: Any) -> Any:
        self.wrong.append(f"{name} {why}.")
        return instead


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        number = parts.path.strip("/")
        inside = parts.scheme == "unix" or (parts.scheme in ("redis", "rediss") and bool(parts.hostname))
        return inside and parts.port != 0 and (parts.scheme == "unix" or number == "" or number.isdecimal())
    except ValueError:
        return False
