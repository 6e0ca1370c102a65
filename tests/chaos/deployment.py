"""PostgreSQL, Redis, two workers behind one socket, and the writer: processes that can be taken away."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.backend import VAR, Postgres, free_port, start_redis
from tests.scanning import scan

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 2
HEARTBEAT = 10.0
"""Seconds, as in service."""
START = 60.0
"""Seconds that servers may take to start."""


def wait_until_it_serves(url: str) -> None:
    """Return when a server answers there."""
    deadline = time.monotonic() + START
    while True:
        try:
            if httpx.get(url + "/livez", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the workers did not start"
            time.sleep(0.1)


class Deployment:
    """All of it. `start` returns when it serves.

    Attributes:
        url: where the workers serve.
        redis_gate: the port at which the workers look for Redis; a proxy to `redis_port` listens there.
        said: {stream: numbers} that the writer has announced.
        players: {name: user id}.
    """

    def __init__(self) -> None:
        self.port, self.redis_port, self.redis_gate = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said: dict[str, set[int]] = {}
        self._processes: list[subprocess.Popen] = []
        self._postgres = Postgres()
        self._redis = start_redis(self.redis_port)
        VAR.mkdir(exist_ok=True)
        self.log = VAR / f"chaos-{os.getpid()}.log"
        self._writer_log = VAR / f"chaos-{os.getpid()}-writer.log"
        self._environment = os.environ | {
            "DATABASE_URL": self._postgres.url,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_gate}/0",
            "REALTIME_HEARTBEAT": str(HEARTBEAT),
            "WEB_CONCURRENCY": str(WORKERS),
            "UNITEMATE_DEV_LOGIN": "1",
            "UNITEMATE_LIMITS": "off",
            "DJANGO_SETTINGS_MODULE": "unitemate.settings",
            "LOG_LEVEL": "WARNING",
        }

    def start(self) -> None:
        """Migrate, make the players, and start the workers."""
        self.set_up()
        self._server = self.start_process("manage.py", "serve", "--port", str(self.port), stdout=self.log.open("a"))
        wait_until_it_serves(self.url)

    def set_up(self) -> None:
        """Migrate and make the players, and nothing else."""
        self._run("manage.py", "migrate", "--verbosity", "0")
        made = json.loads(self._run("-m", "tests.chaos.writer", "set-up"))
        self.players: dict[str, str] = made["users"]
        self.match: str = made["match"]

    def stop(self) -> None:
        """End everything."""
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    for child in psutil.Process(process.pid).children(recursive=True):
                        child.kill()
                    process.kill()
                    process.wait()
        self._redis.kill()
        self._redis.wait()
        self._postgres.stop()
        for log in (self.log, self._writer_log):
            if log.exists():
                scan.look("output of a process", log.read_bytes())

    # --- the writer ---

    def start_writing(self) -> None:
        """Start it; it writes when this returns, and bears what is taken away from then on."""
        command = ("-m", "tests.chaos.writer", "write")
        self._writer = self.start_process(*command, stdout=subprocess.PIPE, stderr=self._writer_log.open("w"))
        assert self._writer.stdout.readline(), f"the writer did not start: {self._complaints()}"
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def stop_writing(self) -> None:
        self._writer.terminate()
        status = self._writer.wait(30)
        assert status == 0, f"the writer ended with {status}: {self._complaints()}"
        self._listener.join(10)

    def _complaints(self) -> str:
        return self._writer_log.read_text()[-3000:]

    def _listen(self) -> None:
        for line in self._writer.stdout:
            stream, number = json.loads(line)
            self.said.setdefault(stream, set()).add(number)

    # --- what can be taken away ---

    def kill_a_worker(self, chance: random.Random) -> bool:
        """Kill one of the workers; another takes its place. Returns whether there was one."""
        workers = psutil.Process(self._server.pid).children()
        if workers:
            chance.choice(workers).send_signal(signal.SIGKILL)
        return bool(workers)

    def restart_redis(self) -> None:
        """Kill Redis and start an empty one."""
        self._redis.kill()
        self._redis.wait()
        self._redis = start_redis(self.redis_port)

    def crash_postgres(self) -> None:
        """Have PostgreSQL go down in the midst of everything and come back."""
        self._postgres.crash()

    # --- REST ---

    async def rest(self, tokens: dict[str, str]) -> dict[str, dict[str, Any]]:
        """What REST answers each player: {name: {stream: projection}}."""
        async with httpx.AsyncClient(base_url=self.url + "/api", timeout=20) as http:

            async def get(path: str, token: str) -> Any:
                for _ in range(5):  # a worker may be on its way out
                    try:
                        answer = await http.get(path, headers={"Authorization": f"Bearer {token}"})
                    except httpx.TransportError:
                        await asyncio.sleep(0.5)
                    else:
                        assert answer.status_code == 200, f"{path}: {answer.status_code}"
                        return answer.json()
                raise AssertionError(f"{path} does not answer")

            return {
                name: {
                    "queue": await get("/queue", token),
                    f"user_{self.players[name]}": await get("/users/me", token),
                    f"match_{self.match}": await get(f"/matches/{self.match}", token),
                }
                for name, token in tokens.items()
            }

    # --- processes ---

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def socket(self) -> str:
        """The folder of PostgreSQL's Unix socket."""
        return self._postgres.url.partition("host=")[2]

    @property
    def database_url(self) -> str:
        """The database, past everything that can be taken away."""
        return self._postgres.url

    def start_process(
        self, *arguments: str, stdout: Any, stderr: Any = subprocess.STDOUT, environment: dict[str, str] | None = None
    ) -> subprocess.Popen:
        """Start Python with these arguments; it is ended with everything else."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment | (environment or {}),
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
        self._processes.append(process)
        return process
