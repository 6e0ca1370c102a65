"""`manage.py run_demo`: the whole service on one machine, for trying it out. `make run` calls it."""

import signal
import socket
import threading
import time
from collections import deque
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.management.printable import printable
from unitemate.environment import NUMBERS, Environment
from unitemate.serving import processes
from unitemate.simulation.server import NotReady, wait_until_ready

ENVIRONMENT = {"UNITEMATE_DEV_LOGIN": "1", "LOG_FORMAT": "console"}
DEATHS = 3  # of one process within `DEATHS_WITHIN` seconds, after which restarting it is no use
DEATHS_WITHIN = 60.0


class Command(BaseCommand):
    help = "Runs server, matchmaker and bots with demo accounts, until Ctrl-C (environment: PORT, BOTS)."

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("PORT", "BOTS"):
            help = f"{name} (%(default)s)"
            parser.add_argument(
                f"--{name.lower()}", type=NUMBERS[name][1], default=Environment().number(name), help=help
            )

    def handle(self, *args: Any, port: int, bots: int, **options: Any) -> None:
        if is_taken(port):
            raise CommandError(f"Port {port} is taken by another program. Choose one, such as PORT=8765 make run")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        url = f"http://127.0.0.1:{port}"
        commands = {
            "server": ("serve", "--host", "127.0.0.1", "--port", str(port)),
            "matchmaker": ("run_matchmaker",),
        }
        if bots > 0:
            commands["bots"] = ("run_bots", "--url", url, "--bots", str(bots))
        try:
            for preparation in (("migrate", "--verbosity", "0"), ("seed_demo",)):
                processes.run(*preparation, environment=ENVIRONMENT)
            with processes.Processes(self._echo) as children:
                for name, command in commands.items():
                    if stop.is_set():
                        return
                    children.start(name, *command, environment=ENVIRONMENT)
                    if name == "server":
                        wait_until_ready(url, children, stop)
                self._greet(url, bots)
                self._watch(children, commands, stop)
        except (NotReady, RuntimeError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("stopped")

    def _greet(self, url: str, bots: int) -> None:
        company = f"{bots} bots play along" if bots > 0 else "no bots play along"
        self.stdout.write(
            f"\nUnitemate is at {url}/ ({company}).\n"
            f"Sign in there with any name, or at once as one: {url}/?dev=Red\n"
            f"The API's pages: {url}/api/docs/. Ctrl-C stops everything.\n"
        )

    def _watch(
        self, children: processes.Processes, commands: dict[str, tuple[str, ...]], stop: threading.Event
    ) -> None:
        """Restart processes that end by themselves, until told to stop.

        Raises:
            NotReady: a process ends again and again.
        """
        deaths: dict[str, deque[float]] = {name: deque(maxlen=DEATHS) for name in commands}
        while not stop.wait(0.2):
            for child in children.ended():
                times = deaths[child.name]
                times.append(time.monotonic())
                if len(times) == DEATHS and times[-1] - times[0] < DEATHS_WITHIN:
                    raise NotReady(f"the {child.name} ends again and again:\n" + "\n".join(child.lines))
                self.stdout.write(f"the {child.name} has ended (status {child.process.returncode}); starting it again")
                if not stop.wait(1.0):
                    children.start(child.name, *commands[child.name], environment=ENVIRONMENT)

    def _echo(self, name: str, line: str) -> None:
        self.stdout.write(f"{name:<10} | {printable(line)}")


def is_taken(port: int) -> bool:
    """Whether another program listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
