"""What `check` and `check --deploy` refuse."""

import os
import secrets
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as project

from unitemate import checks

KEY = "".join(map(chr, range(40, 110)))
GOOD = {
    "SECRET_KEY": KEY,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["play.example.com"],
    "UNITEMATE_LIMITS": True,
    "UNITEMATE_TIME_SCALE": 1.0,
    "METRICS_TOKEN": "",
    "WEB_CONCURRENCY": 4,
    "REDIS_URL": "redis://redis/0",
    "BEHIND_PROXY": True,
    "FORWARDED_ALLOW_IPS": ["127.0.0.1", "10.0.0.0/8"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"SECRET_KEY": "insecure-" + KEY}, ["unitemate.E002"]),
        ({"SECRET_KEY": KEY[:49]}, ["unitemate.E008"]),
        ({"SECRET_KEY": KEY[:50]}, []),
        ({"SECRET_KEY": "correct-horse" * 5}, ["unitemate.E008"]),
        ({"FORWARDED_ALLOW_IPS": ["*"]}, ["unitemate.E009"]),
        ({"FORWARDED_ALLOW_IPS": ["10.0.0.7", "0.0.0.0/0"]}, ["unitemate.E009"]),
        ({"FORWARDED_ALLOW_IPS": ["*"], "BEHIND_PROXY": False}, []),
        ({"DEBUG": True}, ["unitemate.E003"]),
        ({"ALLOWED_HOSTS": ["play.example.com", "*"]}, ["unitemate.E004"]),
        ({"ALLOWED_HOSTS": [".example.com"]}, []),
        ({"UNITEMATE_LIMITS": False}, ["unitemate.E005"]),
        ({"UNITEMATE_TIME_SCALE": 60.0}, ["unitemate.E006"]),
        ({"METRICS_TOKEN": "x" * 31}, ["unitemate.E010"]),
        ({"METRICS_TOKEN": "x" * 32}, []),
        ({"REDIS_URL": ""}, ["unitemate.E007"]),
        ({"REDIS_URL": "", "WEB_CONCURRENCY": 1}, ["unitemate.W002"]),
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}, ["unitemate.W001"]),
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "WEB_CONCURRENCY": 1}, []),
    ],
)
def test_a_deployment_leaves_nothing_of_development_on(monkeypatch, changed, found):
    for name, value in (GOOD | changed).items():
        monkeypatch.setattr(checks.settings, name, value)
    assert [message.id for message in checks.deployment(None)] == found


@pytest.mark.parametrize("origin", ["https://play.example.com", "http://127.0.0.1:8000", "capacitor://localhost"])
def test_origins_of_pages_and_applications_are_good(settings, origin):
    settings.ALLOWED_ORIGINS = [origin]
    assert checks.origins(None) == []


@pytest.mark.parametrize(
    "wrong",
    ["*", "https://*", "https://*.example.com", "play.example.com", "https://play.example.com/", "https://a@b", ""],
)
def test_an_origin_that_no_browser_sends_is_told(settings, wrong):
    settings.ALLOWED_ORIGINS = ["https://play.example.com", wrong]
    (message,) = checks.origins(None)
    assert message.id == "unitemate.E001"
    assert repr(wrong) in message.msg


def check_deploy(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run `check --deploy` as an operator would."""
    cleared = {"UNITEMATE_DEV_LOGIN": "0", "DATABASE_URL": "sqlite:///:memory:", "REDIS_URL": ""}
    return subprocess.run(
        [sys.executable, str(project.BASE_DIR / "manage.py"), "check", "--deploy", *arguments],
        env=os.environ | cleared | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_secret_key_that_was_left_empty_is_told_in_one_line():
    refused = check_deploy(SECRET_KEY="")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert "SECRET_KEY is empty" in line


@pytest.mark.postgres
def test_a_database_that_counts_bytes_is_refused():
    database = f"bytes_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        session.execute(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    try:
        url = urlsplit(os.environ["DATABASE_URL"])
        refused = check_deploy("--database", "default", DATABASE_URL=url._replace(path=f"/{database}").geturl())
        assert "unitemate.E011" in refused.stderr
        assert "unitemate.E011" not in check_deploy("--database", "default", DATABASE_URL=url.geturl()).stderr
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            session.execute(f"DROP DATABASE {database} WITH (FORCE)")


def test_the_command_refuses_the_defaults_and_passes_what_the_readme_says():
    refused = check_deploy()
    assert refused.returncode == 1
    assert {"unitemate.E002", "users.E003"} <= {word.strip("()") for word in refused.stderr.split()}
    passed = check_deploy(
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="play.example.com",
        AUTH0_DOMAIN="example.eu.auth0.com",
        AUTH0_AUDIENCE="https://play.example.com",
        SECURE_HTTPS="1",
        BEHIND_PROXY="1",
    )
    assert passed.returncode == 0, passed.stderr
    assert "ERRORS" not in passed.stderr
