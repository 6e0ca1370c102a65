"""A private server for one simulation: database, server and matchmaker, removed at its end."""

import os
import pathlib
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from unitemate.serving import processes

READY_WITHIN = 60.0


class NotReady(Exception):
    """The server did not start. The message ends with the last of its output."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_server(*, speed: float, workers: int | None, echo: Callable[[str, str], None]) -> Iterator[str]:
    """Run a server and a matchmaker on a free port of loopback.

    Args:
        speed: the divisor of the time limits of matches.
        workers: number of server processes, on the database and Redis of the environment; None for one process on a
            temporary SQLite database.
        echo: called with a process's name and each line of its output, from a thread.

    Yields:
        The server's address.

    Raises:
        NotReady: it does not start, or one of its processes ends during the evening.
    """
    with tempfile.TemporaryDirectory(prefix="unitemate-") as folder:
        environment = {
            "UNITEMATE_DEV_LOGIN": "1",
            "UNITEMATE_LIMITS": "off",
            "UNITEMATE_TIME_SCALE": str(speed),
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
            "WEB_CONCURRENCY": str(workers or 1),
        }
        if workers is None:
            environment |= {"DATABASE_URL": f"sqlite:///{pathlib.Path(folder) / 'evening.sqlite3'}", "REDIS_URL": ""}
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        processes.run("migrate", "--verbosity", "0", environment=environment)
        with processes.Processes(echo) as children:
            children.start("server", "serve", "--port", str(port), environment=environment)
            wait_until_ready(url, children)
            interval = max(0.1, 5 / speed)
            children.start("matchmaker", "run_matchmaker", "--interval", f"{interval:.2f}", environment=environment)
            yield url
            for child in children.ended():
                raise NotReady(f"the {child.name} ended during the evening:\n" + "\n".join(child.lines))


def wait_until_ready(url: str, children: processes.Processes, stop: threading.Event | None = None) -> None:
    """Wait until a server that was just started answers `/readyz`.

    Args:
        url: of the server.
        children: its processes. If one ends, the wait fails at once.
        stop: ends the wait when it is set.

    Raises:
        NotReady: a process ends, or the server is not ready within a minute.
    """
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if stop is not None and stop.is_set():
            return
        for child in children.ended():
            raise NotReady(f"the {child.name} does not start:\n" + "\n".join(child.lines))
        try:
            if httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise NotReady("the server is not ready in time")
