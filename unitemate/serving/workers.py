"""Several server processes behind one listening socket."""

import logging
import signal
import socket
import subprocess
import sys
import time

from django.conf import settings

logger = logging.getLogger(__name__)

KILL_AFTER = 15.0
"""Seconds before workers that have not ended are killed; longer than a worker takes to drain."""
RESTART_AFTER = 1.0
"""Seconds before a dead worker is replaced, so that one that cannot start does not restart in a tight loop."""
CHECK_EVERY = 0.2
"""Seconds between checks of the workers."""


class Workers:
    """Starts worker processes, replaces those that die, and stops them.

    Args:
        number: how many workers.
        listening: the bound socket that they accept from.
    """

    def __init__(self, number: int, listening: socket.socket) -> None:
        self._number = number
        self._listening = listening
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        self._listening.set_inheritable(True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self._processes = [self._start() for _ in range(self._number)]
        while not self._stopping:
            time.sleep(CHECK_EVERY)
            for index, process in enumerate(self._processes):
                if process.poll() is not None and not self._stopping:
                    logger.error("worker %s ended with status %s; replacing it", process.pid, process.returncode)
                    time.sleep(RESTART_AFTER)
                    self._processes[index] = self._start()
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self._listening.fileno()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", "--fd", str(descriptor)]
        # A group of its own: Ctrl-C on a terminal reaches this process alone, which stops the workers.
        return subprocess.Popen(command, pass_fds=[descriptor], process_group=0)  # noqa: S603  (our own command)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end(self) -> None:
        for process in self._processes:
            process.terminate()
        deadline = time.monotonic() + KILL_AFTER
        for process in self._processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
