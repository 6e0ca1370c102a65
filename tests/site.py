"""A site of its own: server processes with a database that no test of this process uses."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tests.backend import BACKEND, VAR, free_port
from unitemate.serving import processes
from unitemate.simulation.server import wait_until_ready


@dataclass(frozen=True)
class Site:
    """A running site.

    Attributes:
        url: its address, `http://127.0.0.1:<port>`.
        environment: what its processes have been given; for further ones.
        children: its processes.
    """

    url: str
    environment: dict[str, str]
    children: processes.Processes

    @property
    def socket_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}/ws/"

    def execute(self, statement: str, *values: object) -> None:
        """Write to its database past Django, as another program would; `%s` stands for a value."""
        if BACKEND == "postgres":
            execute(self.environment["DATABASE_URL"], statement, *values)
        else:
            path = self.environment["DATABASE_URL"].removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as session:
                session.execute(statement.replace("%s", "?"), values)


@contextmanager
def running_site(name: str, **environment: str) -> Iterator[Site]:
    """Run a server for the time of the block, as two workers where there is Redis.

    Args:
        name: of its database, made unique to this process.
        **environment: what its processes are given besides.
    """
    name = f"{name}_{os.getpid()}"
    environment = {"UNITEMATE_DEV_LOGIN": "1", "LOG_LEVEL": "WARNING"} | environment
    if BACKEND == "postgres":
        execute(os.environ["DATABASE_URL"], f"CREATE DATABASE {name}")
        environment |= {"DATABASE_URL": os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")}
        environment |= {"REDIS_PREFIX": name, "WEB_CONCURRENCY": "2"}
    else:
        environment |= {"DATABASE_URL": f"sqlite:///{VAR / name}.sqlite3", "REDIS_URL": ""}
    port = free_port()
    processes.run("migrate", "--verbosity", "0", environment=environment)
    with processes.Processes() as children:
        children.start("server", "serve", "--port", str(port), environment=environment)
        wait_until_ready(f"http://127.0.0.1:{port}", children)
        yield Site(f"http://127.0.0.1:{port}", environment, children)
        assert [child.name for child in children.ended()] == []
    if BACKEND == "postgres":
        execute(os.environ["DATABASE_URL"], f"DROP DATABASE {name} WITH (FORCE)")
    else:
        for file in VAR.glob(f"{name}.sqlite3*"):
            file.unlink()


def execute(url: str, statement: str, *values: object) -> None:
    """Execute a statement in a PostgreSQL database."""
    import psycopg  # noqa: PLC0415  (only where there is PostgreSQL)

    with psycopg.connect(url, autocommit=True) as session:
        session.execute(statement, values or None)
