"""The metrics of all processes of a machine, in a folder (`METRICS_DIR`).

prometheus-client's multi-process mode keeps a process's metrics in memory-mapped files. They outlive a kill, and other
processes can read them. This module adds three things:

- *Identity.* A process has a random name, and holds a lock on a file of that name while it lives. Process ids are
  reused; these names are not.
- *Pruning.* `prune` adds what ended processes have counted to one file. Without it the folder grows with each restart.
- *Reset.* A reset stores the present totals as a baseline, which is then subtracted. The processes go on counting.

If the folder cannot be used, or its disk is full, a process counts for itself alone and logs that once.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from prometheus_client import CollectorRegistry, values
from prometheus_client.mmap_dict import MmapedDict

from realtime.telemetry.reserving import ReservedDict, reserve

logger = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
"""The metrics of this process."""
TRIES = 5
"""Attempts to read a file that another process is making."""

Totals = dict[str, dict[str, float]]
"""{type: {key: value}}; the key is prometheus-client's JSON of name, sample, labels and help."""


class Folder:
    """The folder with a machine's metrics.

    Args:
        path: its path. The folder is made if it does not exist.

    Raises:
        OSError: the folder cannot be made or used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            pass

    def join(self) -> tuple[str, IO[bytes]]:
        """Register this process.

        Returns:
            The process's name, and a file that it must keep open while it counts.
        """
        name = secrets.token_hex(8)
        with self._locked(fcntl.LOCK_EX):
            held = self._process(name).open("wb")
            fcntl.flock(held, fcntl.LOCK_EX)
        return name, held

    def running(self) -> set[str]:
        """The names of the registered processes that live."""
        return {path.name.partition("_")[2] for path in self.path.glob("process_*") if _is_held(path)}

    def totals(self) -> Totals:
        """The totals since the last reset, over all processes."""
        with self._locked(fcntl.LOCK_SH):
            state = self._state()
            totals = self._sum(state)
        for kind, keys in state["baseline"].items():
            for key, value in keys.items():
                totals[kind][key] = max(0.0, totals[kind][key] - value)
        return totals

    def since(self) -> float | None:
        """The time of the last reset in Unix seconds; None without one."""
        with self._locked(fcntl.LOCK_SH):
            return self._state()["since"]  # type: ignore[no-any-return]

    def reset(self) -> None:
        """Store the present totals as the baseline."""
        with self._locked(fcntl.LOCK_EX):
            state = self._state()
            totals = self._sum(state)
            state["baseline"] = {kind: totals[kind] for kind in ("counter", "histogram")}
            self._write(state | {"since": time.time()})

    def prune(self, known: Container[str] | None = None) -> int:
        """Add up what ended processes have counted, in one file, and delete their files.

        Args:
            known: the names of the metrics to keep; all by default.

        Returns:
            The number of ended processes.
        """
        with self._locked(fcntl.LOCK_EX):
            state = self._state()
            running = self.running()
            ended = {name for path in self.path.glob("*.db") if (name := _owner(path)) not in running}
            ended |= {path.name.partition("_")[2] for path in self.path.glob("process_*")} - running
            for kind, keys in self._sum(state, ended).items():
                if kind != "gauge":
                    state["ended"][kind] = keys
            for section in ("ended", "baseline"):
                for kind, keys in state[section].items():
                    state[section][kind] = {key: value for key, value in keys.items() if _is_known(key, known)}
            # The sums and the names of the processes in them are written in one step. Files of those processes do not
            # count any more. So a kill before the files are deleted makes nothing count twice.
            folded = len(ended - set(state["folded"]))
            self._write(state | {"folded": sorted(ended)})
            for path in (*self.path.glob("*.db"), *self.path.glob("process_*")):
                if _owner(path) in ended:
                    path.unlink(missing_ok=True)
        return folded

    def _sum(self, state: dict[str, Any], only: set[str] | None = None) -> Totals:
        totals: Totals = defaultdict(lambda: defaultdict(float))
        for kind, keys in state["ended"].items():
            for key, value in keys.items():
                totals[kind][key] += value
        running = self.running()
        for path in self.path.glob("*.db"):
            kind, owner = path.name.partition("_")[0], _owner(path)
            if owner in state["folded"] or (only is not None and owner not in only):
                continue
            if kind == "gauge" and owner not in running:
                continue
            for key, value in _values(path):
                totals[kind][key] += value
        return totals

    def _state(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"since": None, "folded": [], "ended": {}, "baseline": {}}
        with suppress(FileNotFoundError, ValueError):
            empty.update(json.loads((self.path / "state.json").read_bytes()))
        return empty

    def _write(self, state: dict[str, Any]) -> None:
        new = self.path / "state.new"
        new.write_text(json.dumps(state))
        new.replace(self.path / "state.json")

    def _process(self, name: str) -> Path:
        return self.path / f"process_{name}"

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self.path / "lock").open("ab") as lock:
            fcntl.flock(lock, how)
            yield


def _owner(path: Path) -> str:
    """The name of the process that a file belongs to."""
    return path.name.removesuffix(".db").rpartition("_")[2]


def _is_held(path: Path) -> bool:
    """Whether a living process holds the lock of a file."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_known(key: str, known: Container[str] | None) -> bool:
    if known is None:
        return True
    name = json.loads(key)[0]
    return name in known or f"{name}_total" in known


def _values(path: Path) -> list[tuple[str, float]]:
    """The values in a file; none while the file is being made."""
    for _ in range(TRIES):
        with suppress(struct.error, FileNotFoundError):
            return [(key, value) for key, value, *_ in MmapedDict.read_all_values_from_file(str(path))]
        time.sleep(0.001)
    return []


_joining = threading.RLock()  # a warning on the way is counted too
_has_joined = False
_has_warned = False
_held: IO[bytes] | None = None


def folder() -> Folder:
    """The folder of this machine.

    Raises:
        OSError: the folder cannot be used.
    """
    return Folder(Path(settings.METRICS_DIR))


def join_folder() -> None:
    """Register this process in the folder, at its first count."""
    global _has_joined, _held
    with _joining:
        if _has_joined:
            return
        _has_joined = True
        try:
            shared = folder()
            name, _held = shared.join()
            reserve(str(shared.path / f"counter_{name}.db"))
        except OSError as error:
            _held = None
            values.ValueClass = values.MutexValue
            logger.warning("metrics are counted for this process alone: %s", type(error).__name__)
            return
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared.path)
        values.MmapedDict = ReservedDict  # type: ignore[misc, assignment]
        values.ValueClass = values.MultiProcessValue(lambda: name)


def warn_if_full() -> None:
    """Log once that the disk is full. It must not be called while a metric is being made, since logging counts."""
    global _has_warned
    if ReservedDict.fulls and not _has_warned:
        _has_warned = True
        logger.error("the disk of the metrics (METRICS_DIR) is full: new ones are counted for this process alone")


def is_shared() -> bool:
    """Whether other processes can read what this process counts."""
    return _held is not None or not _has_joined


def machine() -> str:
    """An opaque name, equal for all processes that count together with this one."""
    place = f"{socket.gethostname()}:{settings.METRICS_DIR}:{'' if is_shared() else os.getpid()}"
    return hashlib.sha256(place.encode()).hexdigest()[:12]
