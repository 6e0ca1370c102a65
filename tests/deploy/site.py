"""The service as docs/operations.md sets it up: workers of one process each, on a database and a Redis of their own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import psycopg

from tests.backend import VAR, free_port, start_redis
from tests.test_layout import ROOT
from tests.unitemate.processes import wait_until_it_answers
from tests.waiting import wait_until


def run_python(*arguments: str, environment: Mapping[str, str]) -> str:
    """Run Python with these arguments to its end, in the project's folder; what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Site:
    """Workers that can be taken away one by one.

    Attributes:
        ports: of the workers.
        database_url, redis_url: what they work on.
    """

    def __init__(self, workers: int = 2, **environment: str) -> None:
        self.name = f"site_{secrets.token_hex(4)}"
        self._maintenance = os.environ["DATABASE_URL"]
        self.sql(f"CREATE DATABASE {self.name}")
        self.database_url = urlsplit(self._maintenance)._replace(path=f"/{self.name}").geturl()
        self._redis_port = free_port()
        self.redis_url = f"redis://127.0.0.1:{self._redis_port}/0"
        self._redis: subprocess.Popen | None = None
        self.start_redis()
        self.ports = [free_port() for _ in range(workers)]
        self._folder = tempfile.mkdtemp(prefix="unitemate-")  # near the root: the path of a socket must be short
        self.environment = os.environ | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "BEHIND_PROXY": "1",
            "UNITEMATE_DEV_LOGIN": "1",
            "LOG_LEVEL": "WARNING",
            **environment,
        }
        VAR.mkdir(exist_ok=True)  # a benchmark may come before any test
        self.log = (VAR / f"{self.name}.log").open("w+")
        self._workers: dict[int, subprocess.Popen] = {}

    def sql(self, statement: str) -> None:
        """Run a statement of an administrator."""
        with psycopg.connect(self._maintenance, autocommit=True) as session:
            session.execute(statement)

    def manage(self, *arguments: str) -> str:
        """Run a command of the project to its end."""
        return run_python("manage.py", *arguments, environment=self.environment)

    def start(self) -> None:
        """Migrate and start all workers."""
        self.manage("migrate", "--verbosity", "0")
        for port in self.ports:
            self.start_worker(port)
        for port in self.ports:
            wait_until_it_answers(f"http://127.0.0.1:{port}")

    def start_worker(self, port: int, **environment: str) -> subprocess.Popen:
        """Start the worker of a port, without waiting for it."""
        self._workers[port] = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--unix", self.path(port), "--workers", "1"],
            cwd=ROOT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        return self._workers[port]

    def path(self, port: int) -> str:
        """Of the Unix socket of the worker with this port."""
        return f"{self._folder}/{port}.sock"

    @property
    def paths(self) -> list[str]:
        """Of the Unix sockets of all workers."""
        return [self.path(port) for port in self.ports]

    def stop_worker(self, port: int) -> None:
        """Stop the worker of a port as systemd does, and wait until it has gone."""
        self._workers[port].send_signal(signal.SIGTERM)
        assert self._workers.pop(port).wait(30) in (0, -signal.SIGTERM)

    def worker(self, port: int) -> subprocess.Popen:
        """The process of a port."""
        return self._workers[port]

    def start_redis(self) -> None:
        """Start an empty Redis."""
        self._redis = start_redis(self._redis_port)

    @property
    def redis_pid(self) -> int:
        """Of Redis, while it is there."""
        assert self._redis is not None
        return self._redis.pid

    def stop_redis(self) -> None:
        """Take Redis away."""
        if self._redis is not None:
            self._redis.kill()
            self._redis.wait()
            self._redis = None

    def shut_database(self) -> None:
        """Let nobody into the database, and end whoever is in."""
        self.sql(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")  # noqa: S608

    def open_database(self) -> None:
        """Let everybody in again."""
        self.sql(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")

    def stop(self) -> None:
        """End everything and remove the database."""
        for worker in self._workers.values():
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self._workers.values():
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self.stop_redis()
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.log.seek(0)
        print(self.log.read())  # shown with a failure
        self.log.close()
        shutil.rmtree(self._folder)
        os.unlink(self.log.name)


@contextmanager
def running(workers: int = 2, **environment: str) -> Iterator[Site]:
    """Run the service for the time of the block."""
    site = Site(workers, **environment)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def ready(port: int) -> bool:
    """Whether the worker of a port says that it is ready."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def wait_until_ready(port: int) -> None:
    """Wait until it does."""
    wait_until(lambda: ready(port), within=60, every=0.1)
