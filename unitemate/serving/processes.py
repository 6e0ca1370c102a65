"""Child processes: starting them, passing on their output, and stopping them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

REMEMBERED = 40  # last lines of output of each process


@dataclass
class Child:
    """A process that was started."""

    name: str
    process: subprocess.Popen[str]
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Processes:
    """A group of child processes; a context manager that stops them.

    Each child has a process group of its own. So Ctrl-C on the terminal reaches only this process, which
    then stops the children in order.

    Args:
        echo: called with a process's name and each line of its output, from a thread.
    """

    def __init__(self, echo: Callable[[str, str], None] = lambda name, line: None) -> None:
        self.children: dict[str, Child] = {}
        self._echo = echo

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    def start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start `manage.py` with these arguments.

        Args:
            name: the child's name; an ended child of that name is replaced.
            *arguments: the command and its options.
            environment: variables in addition to this process's own.
        """
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        child = self.children[name] = Child(name, process)
        threading.Thread(target=self._pass_on, args=(child,), name=f"output of {name}", daemon=True).start()

    def _pass_on(self, child: Child) -> None:
        assert child.process.stdout is not None  # noqa: S101  (it is a pipe)
        for line in child.process.stdout:
            child.lines.append(line.rstrip())
            self._echo(child.name, child.lines[-1])

    def ended(self) -> list[Child]:
        """The children that have ended, by themselves or by a signal."""
        return [child for child in self.children.values() if child.process.poll() is not None]

    def stop(self, within: float = 5.0) -> None:
        """Terminate all children, the last started first, and kill those that are left after so many seconds."""
        running = [child for child in reversed(self.children.values()) if child.process.poll() is None]
        for child in running:
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + within
        for child in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)  # also what it may have left behind
            child.process.wait()


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run `manage.py` with these arguments, and wait for it.

    Raises:
        RuntimeError: it failed; the message has the end of its output.
    """
    with Processes() as processes:
        processes.start("command", *arguments, environment=environment)
        child = processes.children["command"]
        if child.process.wait() != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n" + "\n".join(child.lines))
