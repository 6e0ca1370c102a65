"""What `manage.py check` says about the settings, and what `check --deploy` refuses besides.

Sign-in has its own checks in `users.checks`.
"""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

INSECURE = "insecure-"
"""Prefix of the default secret key, which is used if the environment sets none."""

SHORTEST_TOKEN = 32
"""Minimum characters of `METRICS_TOKEN`."""
LENGTH = 50
"""Minimum characters of a secret key. Django asks for as many, and only warns."""
DIFFERENT = 12
"""Minimum different characters in it. A random key has more, unless it is made of digits alone."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s*@]+")


@register(Tags.security)
def origins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each of `ALLOWED_ORIGINS` is an origin: they are compared literally with what browsers send."""
    wrong = [origin for origin in settings.ALLOWED_ORIGINS if not _ORIGIN.fullmatch(origin)]
    if not wrong:
        return []
    return [
        Error(
            f"ALLOWED_ORIGINS holds what is no origin: {', '.join(map(repr, wrong))}.",
            hint="Write scheme and host, such as https://play.example.com, without path or wildcard.",
            id="unitemate.E001",
        )
    ]


@register(Tags.security, deploy=True)
def deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nothing that is meant for development, tests or simulations is on."""
    found: list[tuple[bool, CheckMessage]] = [
        (
            settings.SECRET_KEY.startswith(INSECURE),
            Error(
                "The secret key is the one that everybody can read in the source.",
                hint="Set SECRET_KEY to 50 random characters or more.",
                id="unitemate.E002",
            ),
        ),
        (
            _is_weak(settings.SECRET_KEY),
            Error(
                f"The secret key can be guessed: fewer than {LENGTH} characters, or than {DIFFERENT} different ones.",
                hint="python3 -c 'import secrets; print(secrets.token_urlsafe(60))'",
                id="unitemate.E008",
            ),
        ),
        (
            settings.DEBUG,
            Error(
                "Debugging is on: errors show the source and the settings.", hint="Remove DEBUG.", id="unitemate.E003"
            ),
        ),
        (
            "*" in settings.ALLOWED_HOSTS,
            Error(
                "Any host name is accepted.", hint="Set ALLOWED_HOSTS to the names of this site.", id="unitemate.E004"
            ),
        ),
        (
            not settings.UNITEMATE_LIMITS,
            Error(
                "Throttles and limits per address are off.",
                hint="Remove UNITEMATE_LIMITS; it is for load tests.",
                id="unitemate.E005",
            ),
        ),
        (
            settings.UNITEMATE_TIME_SCALE != 1,
            Error(
                "The time limits of matches are not the real ones.",
                hint="Remove UNITEMATE_TIME_SCALE; it is for simulations.",
                id="unitemate.E006",
            ),
        ),
        (
            0 < len(settings.METRICS_TOKEN) < SHORTEST_TOKEN,
            Error(
                "The token that opens /metrics can be guessed.",
                hint=f"Set METRICS_TOKEN to {SHORTEST_TOKEN} random characters or more, or leave it empty.",
                id="unitemate.E010",
            ),
        ),
        (
            settings.WEB_CONCURRENCY > 1 and not settings.REDIS_URL,
            Error(
                "Several server processes have no channel layer between them.",
                hint="Set REDIS_URL, or WEB_CONCURRENCY=1.",
                id="unitemate.E007",
            ),
        ),
        (
            settings.BEHIND_PROXY and bool({"*", "0.0.0.0/0", "::/0"} & set(settings.FORWARDED_ALLOW_IPS)),
            Error(
                "Any client is believed about its own address, by which limits count.",
                hint="Set FORWARDED_ALLOW_IPS to the addresses of the proxies.",
                id="unitemate.E009",
            ),
        ),
        (
            settings.WEB_CONCURRENCY == 1 and not settings.REDIS_URL,
            Warning(
                "Without REDIS_URL only one server process may run in all; others would not hear its changes.",
                hint="Set REDIS_URL, unless there is and stays only one.",
                id="unitemate.W002",
            ),
        ),
        (
            settings.WEB_CONCURRENCY > 1 and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
            Warning(
                "Several server processes share one SQLite file: they write one after the other.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="unitemate.W001",
            ),
        ),
    ]
    return [message for applies, message in found if applies]


@register(Tags.database)
def encoding(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The database uses UTF-8. PostgreSQL takes the encoding from the environment of `createdb`."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_encoding")
                (name,) = cursor.fetchone()
        except DatabaseError:
            continue  # the next use of the database reports the error
        if name != "UTF8":
            found.append(
                Error(
                    f"The database's encoding is {name}: names would be cut and compared by their bytes.",
                    hint="createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8; docs/operations.md, step 2.",
                    id="unitemate.E011",
                )
            )
    return found


def _is_weak(key: str) -> bool:
    return len(key) < LENGTH or len(set(key)) < DIFFERENT
