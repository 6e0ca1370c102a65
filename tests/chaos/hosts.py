"""Hosts: each with processes of its own, a way to PostgreSQL and one to Redis, and a clock."""

import asyncio
import glob
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping

from tests.backend import free_port
from tests.chaos.deployment import Deployment, wait_until_it_serves
from tests.chaos.proxy import Proxy
from tests.missing import untested


class Host:
    """One host. It can vanish, be cut off from PostgreSQL, and have a clock that is wrong.

    Args:
        deployment: what it belongs to.
        clock: seconds by which its clock is ahead.

    Attributes:
        url: where its worker serves.
        database, redis: its ways there.
    """

    def __init__(self, deployment: Deployment, clock: float = 0.0) -> None:
        self._deployment = deployment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = tempfile.mkdtemp(prefix="host-")  # near the root: the path of a socket must be short
        self.database = Proxy(f"{deployment.socket}/.s.PGSQL.5432", f"{self._folder}/.s.PGSQL.5432")
        self.redis = Proxy(deployment.redis_port, free_port())
        self._environment = {
            "DATABASE_URL": deployment.database_url.replace(deployment.socket, self._folder),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            "METRICS_DIR": f"{self._folder}/metrics",
        } | (_clock(clock) if clock else {})
        self._processes: list = []

    async def start(self, matchmaker: bool = False) -> None:
        """Start the worker, and a matchmaker if one is wanted."""
        await self.database.start()
        await self.redis.start()
        self._start("manage.py", "serve", "--port", str(self.port), "--workers", "1")
        if matchmaker:
            self._start("manage.py", "run_matchmaker", "--interval", "1")
        await asyncio.to_thread(wait_until_it_serves, self.url)

    def _start(self, *command: str) -> None:
        log = self._deployment.log.open("a")
        self._processes.append(self._deployment.start_process(*command, stdout=log, environment=self._environment))

    @property
    def pids(self) -> set[int]:
        """Of its processes."""
        return {process.pid for process in self._processes}

    def vanish(self) -> None:
        """Be gone without a word: nobody is told that a connection has ended."""
        self.database.vanish()
        self.redis.vanish()
        for process in self._processes:
            process.send_signal(signal.SIGKILL)

    async def stop(self) -> None:
        """End everything."""
        for process in self._processes:
            process.kill()
            process.wait()
        await self.database.stop()
        await self.redis.stop()
        shutil.rmtree(self._folder)


def _clock(ahead: float) -> Mapping[str, str]:
    """What makes a process believe that it is so many seconds later; how long things take stays as it is."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        untested("NO LIBFAKETIME: install it (Debian: libfaketime); hosts whose clocks differ are NOT tested")
    return {
        "LD_PRELOAD": ":".join(filter(None, [found[0], os.environ.get("LD_PRELOAD", "")])),
        "FAKETIME": f"{ahead:+.0f}s",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
