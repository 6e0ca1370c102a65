"""What `docs/operations.md` sets up, on loopback, and what each part of it uses."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.backend import Postgres
from tests.deploy import proxy, site
from tests.test_layout import ROOT

WITHOUT_TLS = {
    "server_name localhost;": "server_name 127.0.0.1;",
    "ssl_reject_handshake on;": "",
    " ssl default_server;": " default_server;",
    " ssl http2;": ";",
    # `tests.deploy.proxy` makes them small.
    "worker_rlimit_nofile 131072;": "",
    "worker_processes auto;": "worker_processes auto;",
    "worker_connections 65536;": "worker_connections 16384;",
}
"""What differs from `deploy/nginx.conf`: TLS would be as dear for the one load client as for nginx."""


class Deployed:
    """The parts, as they run.

    Attributes:
        url: of nginx.
        parts: their processes by name; what those start belongs to them.
    """

    def __init__(self, url: str, parts: Mapping[str, int]) -> None:
        self.url = url
        self.parts = {name: psutil.Process(pid) for name, pid in parts.items()}

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU that each part has used."""
        return {name: sum(_cpu(process) for process in _with_children(part)) for name, part in self.parts.items()}

    def memory(self) -> dict[str, int]:
        """Bytes in RAM of each part; what several processes share is shared out among them."""
        return {
            name: sum(process.memory_full_info().pss for process in _with_children(part))
            for name, part in self.parts.items()
        }


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """Run it all for the time of the block, in which this process's Django uses the same database.

    Args:
        folder: an empty one, for nginx.
    """
    postgres = Postgres()
    postgres.keep_commit_times()
    os.environ["DATABASE_URL"] = postgres.url
    try:
        with site.running(2) as running, proxy.running(folder, running.paths, **WITHOUT_TLS) as nginx:
            os.environ |= {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
            command = [sys.executable, "manage.py", "run_matchmaker"]
            matchmaker = subprocess.Popen(command, cwd=ROOT, env=running.environment, stdout=running.log)
            try:
                workers = {f"web worker {n}": running.worker(port).pid for n, port in enumerate(running.ports, start=1)}
                others = {"matchmaker": matchmaker.pid, "nginx": nginx.pid, "PostgreSQL": postgres.pid}
                parts = workers | others | {"Redis": running.redis_pid, "load client": os.getpid()}
                yield Deployed(f"http://127.0.0.1:{nginx.port}", parts)
            finally:
                matchmaker.terminate()
                matchmaker.wait(30)
    finally:
        postgres.stop()


def _with_children(process: psutil.Process) -> list[psutil.Process]:
    # All parts are children of the load client, which has none of its own.
    return [process] if process.pid == os.getpid() else [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    """With that of children which have ended, such as database sessions."""
    times = process.cpu_times()
    ended = 0.0 if process.pid == os.getpid() else times.children_user + times.children_system
    return times.user + times.system + ended
