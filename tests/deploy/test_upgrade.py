"""A database of the first version, with rows in it, brought to the present one."""

import json
import os
import secrets
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.backend import BACKEND
from tests.deploy.old_rows import PLAYERS
from tests.deploy.site import run_python


@pytest.fixture
def run(tmp_path):
    """Run Python with these arguments on an empty database of its own; what it prints."""
    if BACKEND == "postgres":
        maintenance, name = os.environ["DATABASE_URL"], f"upgrade_{secrets.token_hex(4)}"
        session = psycopg.connect(maintenance, autocommit=True)
        session.execute(f"CREATE DATABASE {name}")
        url = urlsplit(maintenance)._replace(path=f"/{name}").geturl()
    else:
        url = f"sqlite:///{tmp_path / 'old.sqlite3'}"

    def run(*arguments: str) -> str:
        return run_python(*arguments, environment=os.environ | {"DATABASE_URL": url})

    yield run
    if BACKEND == "postgres":
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")
        session.close()


def test_rows_of_the_first_version_are_there_after_all_migrations(run):
    run("-m", "tests.deploy.old_rows", "write")
    run("manage.py", "migrate", "--verbosity", "0")
    assert json.loads(run("-m", "tests.deploy.old_rows", "read")) == {
        "rows": {
            "User": PLAYERS,
            "OwnedBadge": 1,
            "Penalty": 1,
            "Entry": 2,
            "Season": 1,
            "Match": 2,
            "Seat": 20,
            "Report": 7,
        },
        "rates": sum(1500 + number for number in range(PLAYERS)),
        "queue": ["old", 42, 2],  # clients go on from where they were
        "matches": [[10, "done"], [10, "lobby"]],
        "names": [f"Player {number}" for number in range(PLAYERS)],
        "badges": {"owned": ["first"], "equipped": ["first"]},
        "marked": ["user_player0000000003"],  # the triggers are there too
        "points": 2,
    }
    run("manage.py", "migrate", "--check")
