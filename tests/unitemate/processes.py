"""Real processes on the test's database."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection

from tests.scanning import scan
from tests.waiting import wait_until


def environment(**more: str) -> dict[str, str]:
    """What a process has to be told, so that it works on the database that this test uses."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return os.environ | {"DATABASE_URL": url, "PYTHONUNBUFFERED": "1"} | more


@contextmanager
def process(*command: str, **more: str) -> Iterator[subprocess.Popen]:
    """Run a command of this environment's Python in a group of its own, which ends with the block."""
    running = subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield running
    finally:
        workers = children(running.pid)
        running.terminate()  # so that it gives its database sessions back
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(10)
        running.kill()
        for pid in workers:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        output = running.communicate()[0]
        scan.look("output of a process", output)
        print(output)  # shown with a failure


def children(pid: int) -> list[int]:
    """The processes that a process has started, as the system lists them."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def is_running(pid: int) -> bool:
    """Whether there is such a process, other than one that has ended and was not waited for."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_it_answers(url: str) -> None:
    """Wait until a server that was just started is ready; the machine may have much else to do."""

    def ready() -> bool:
        try:
            return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    wait_until(ready, within=60, every=0.2)
