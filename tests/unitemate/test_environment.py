"""Settings of the environment: numbers within bounds, switches, words, addresses; all that is wrong is said at once."""

import ast
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from tests.test_layout import ROOT
from unitemate.environment import NUMBERS, Environment

SECRET = "s3cret-w0rd"


def read(**variables: str) -> Environment:
    found = Environment()
    found.ENVIRON = variables
    return found


def refusal(found: Environment) -> list[str]:
    """What is said of it, by lines."""
    try:
        found.refuse()
    except ImproperlyConfigured as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("name", NUMBERS)
def test_the_default_and_both_bounds_are_taken(name):
    default, taken = NUMBERS[name]
    assert taken.least <= default <= taken.greatest
    assert read().number(name) == read(**{name: ""}).number(name) == default
    for bound in (taken.least, taken.greatest):
        found = read(**{name: str(bound)})
        assert found.number(name) == bound
        assert refusal(found) == []


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["-1", "nan", "inf", "-inf", "9999999999", "1e309", "ten"])
def test_no_number_is_obeyed_to_the_letter(name, text):
    (line,) = refusal(read(**{name: text}))
    assert line == f"{name} must be {NUMBERS[name][1]}, and is {text!r}."


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "BOTS"])
def test_none_may_be_zero_but_the_bots(name):
    assert len(refusal(read(**{name: "0"}))) == 1
    assert refusal(read(BOTS="0")) == []


def test_the_settings_read_no_number_but_those_of_the_table():
    tree = ast.parse((ROOT / "unitemate" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    kinds = {node.func.attr for node in calls if ast.unparse(node.func.value) == "env"}
    assert kinds == {"bool", "switches", "str", "list", "number", "word", "database", "hosts", "refuse"}


@pytest.mark.parametrize(("text", "on"), [("1", True), ("True", True), ("on", True), ("0", False), ("no", False)])
def test_a_switch_is_on_or_off(text, on):
    found = read(DEBUG=text)
    assert found.bool("DEBUG", default=not on) is on
    assert refusal(found) == []


def test_a_switch_that_is_misspelt_is_no_answer():
    found = read(SECURE_HTTPS="ture")
    found.bool("SECURE_HTTPS", default=False)
    assert refusal(found) == ["SECURE_HTTPS must be true or false, and is 'ture'."]


def test_switches_of_one_form_are_found_whatever_they_are_for():
    found = read(REALTIME_QUEUE_PUSH="0", REALTIME_TOURNAMENT_PUSH="on", REALTIME_HEARTBEAT="5", XREALTIME_A_PUSH="1")
    assert found.switches("REALTIME_", "_PUSH") == {"queue": False, "tournament": True}
    found = read(REALTIME_QUEUE_PUSH="maybe")
    found.switches("REALTIME_", "_PUSH")
    assert refusal(found) == ["REALTIME_QUEUE_PUSH must be true or false, and is 'maybe'."]


def test_a_word_is_one_of_those_there_are():
    found = read(LOG_LEVEL="warning", LOG_FORMAT="xml")
    assert found.word("LOG_LEVEL", ("INFO", "WARNING"), "INFO") == "WARNING"
    assert refusal(found) == []
    assert found.word("LOG_FORMAT", ("json", "console"), "json") == "json"
    assert refusal(found) == ["LOG_FORMAT must be one of json, console, and is 'xml'."]


DATABASES = [
    "",
    "postgresql://u:{}@h:99999/x",
    "postgresql://u:{}@h:abc/x",
    "postgresql://u:{}/#@h/x",
    "mysql://u:{}@h/x",
]


@pytest.mark.parametrize("url", DATABASES)
def test_a_database_that_cannot_be_is_refused_without_its_password(url):
    found = read(DATABASE_URL=url.format(SECRET))
    assert found.database("DATABASE_URL", "sqlite:///x")["ENGINE"].endswith("sqlite3")
    (line,) = refusal(found)
    assert line.startswith("DATABASE_URL must be of the form postgresql://")
    assert SECRET not in line


@pytest.mark.parametrize(
    "url", ["redis://h:99999/0", "redis://h:0/0", "redis://u:{}@h:x/0", "h:6379", "redis://h/x", ","]
)
def test_a_redis_that_cannot_be_is_refused_without_its_password(url):
    found = read(REDIS_URL=url.format(SECRET))
    found.hosts("REDIS_URL")
    (line,) = refusal(found)
    assert line.startswith("REDIS_URL must be of the form redis://")
    assert SECRET not in line


def test_several_addresses_of_redis_are_taken():
    found = read(REDIS_URL="redis://a:6379/0, rediss://:pw@b/1,unix:///run/redis.sock")
    assert found.hosts("REDIS_URL") == ["redis://a:6379/0", "rediss://:pw@b/1", "unix:///run/redis.sock"]
    assert refusal(found) == []
    assert read().hosts("REDIS_URL") == []


@pytest.mark.parametrize("command", [["check"], ["serve"], ["run_matchmaker", "--once"], ["prune", "--dry-run"]])
def test_nothing_starts_with_wrong_settings_and_all_of_them_are_said(command):
    wrong = {"RETAIN_AUDIT_DAYS": "0", "WEB_CONCURRENCY": "0", "REALTIME_HEARTBEAT": "nan", "LOG_LEVEL": "loud"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=os.environ | wrong, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    first, *others = done.stderr.splitlines()
    told = [first.removeprefix("The settings are not right: "), *others]
    assert {line.split()[0] for line in told} == wrong.keys()


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "--players=0"],
        ["simulate", "--hours=0"],
        ["simulate", "--hours=nan"],
        ["simulate", "--hours=40"],
        ["simulate", "--speed=inf"],
        ["simulate", "--workers=0"],
        ["realtime_metrics", "--watch=0"],
        ["realtime_metrics", "--watch=-1"],
        ["realtime_metrics", "--watch=nan"],
        ["realtime_metrics", "--watch", "--times=-1"],
        ["run_matchmaker", "--interval=0"],
        ["run_matchmaker", "--interval=nan"],
        ["run_bots", "--bots=0"],
        ["run_demo", "--port=0"],
        ["run_demo", "--bots=9999999999"],
        ["serve", "--port=99999"],
        ["serve", "--workers=0"],
        ["seed_demo", "--players=-1"],
        ["issue_token", "Ann", "--lifetime=0"],
    ],
    ids=" ".join,
)
def test_options_of_commands_are_bounded_too(arguments):
    with pytest.raises(CommandError, match=r"must be a (whole )?number"):
        call_command(*arguments)
