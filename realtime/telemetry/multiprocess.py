"""What the processes of a machine count, put together in a folder (`METRICS_DIR`).

prometheus-client's multi-process mode keeps a process's figures in memory-mapped files, so that
they outlive a kill and others can read them. Around it stands here what it leaves open:

- A process is known by a random name and holds a lock on a file of that name while it lives. So
  nobody mistakes another process of the same number for it.
- What ended processes have counted is folded into one file (`prune`), or the folder would grow
  with every restart.
- A reset is a line drawn: what was counted before it is subtracted. The processes go on counting.

Where the folder cannot be used, or its disk is full, a process counts for itself alone, and says so once.
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
"""The figures of this process."""
TRIES = 5
"""Looks at a file that is being made."""

Totals = dict[str, dict[str, float]]
"""{type: {key: value}}; the key is prometheus-client's JSON of name, sample, labels and help."""


class Folder:
    """The folder of a machine's figures.

    Args:
        path: where it is; it is made if it is not there.

    Raises:
        OSError: it cannot be made or used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            pass

    def join(self) -> tuple[str, IO[bytes]]:
        """Become one of the processes that count here.

        Returns:
            The process's name, and a file that it keeps open while it counts.
        """
        name = secrets.token_hex(8)
        with self._locked(fcntl.LOCK_EX):
            held = self._process(name).open("wb")
            fcntl.flock(held, fcntl.LOCK_EX)
        return name, held

    def running(self) -> set[str]:
        """The names of the processes that count here and live."""
        return {path.name.partition("_")[2] for path in self.path.glob("process_*") if _is_held(path)}

    def totals(self) -> Totals:
        """What has been counted since the last reset, as the files have it."""
        with self._locked(fcntl.LOCK_SH):
            state = self._state()
            totals = self._sum(state)
        for kind, keys in state["baseline"].items():
            for key, value in keys.items():
                totals[kind][key] = max(0.0, totals[kind][key] - value)
        return totals

    def since(self) -> float | None:
        """When the last reset was (Unix seconds); None where there was none."""
        with self._locked(fcntl.LOCK_SH):
            return self._state()["since"]  # type: ignore[no-any-return]

    def reset(self) -> None:
        """Count from zero from now on."""
        with self._locked(fcntl.LOCK_EX):
            state = self._state()
            totals = self._sum(state)
            state["baseline"] = {kind: totals[kind] for kind in ("counter", "histogram")}
            self._write(state | {"since": time.time()})

    def prune(self, known: Container[str] | None = None) -> int:
        """Fold what ended processes have left into one file.

        Args:
            known: names of the figures to keep of them; all by default.

        Returns:
            How many processes were folded.
        """
        with self._locked(fcntl.LOCK_EX):
            state = self._state()
            running = self.running()
            ended = {name for path in self.path.glob("*.db") if (name := _owner(path)) not in running}
            ended |= {path.name.partition("_")[2] for path in self.path.glob("process_*")} - running
            for kind, keys in self._sum(state, ended).items():
                if kind != "gauge":
                    state["ended"][kind] = keys
            for part in ("ended", "baseline"):
                for kind, keys in state[part].items():
                    state[part][kind] = {key: value for key, value in keys.items() if _is_known(key, known)}
            # Written in one go with the names of those whose files are not to be counted any more:
            # whoever is killed before they are deleted leaves nothing that counts twice.
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
    """The process whose file this is."""
    return path.name.removesuffix(".db").rpartition("_")[2]


def _is_held(path: Path) -> bool:
    """Whether a running process holds the lock of its file."""
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
    """What a file holds; nothing while it has only just been made."""
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
    """The machine's folder.

    Raises:
        OSError: it cannot be used.
    """
    return Folder(Path(settings.METRICS_DIR))


def join_folder() -> None:
    """Have this process's figures shared from its first count on."""
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
            logger.warning("figures are counted for this process alone: %s", type(error).__name__)
            return
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared.path)
        values.MmapedDict = ReservedDict  # type: ignore[misc, assignment]
        values.ValueClass = values.MultiProcessValue(lambda: name)


def warn_if_full() -> None:
    """Log, once, that the disk has no room for what is counted. Not to be called while a figure is being made."""
    global _has_warned
    if ReservedDict.fulls and not _has_warned:
        _has_warned = True
        logger.error("the disk of the figures (METRICS_DIR) is full: new ones are counted for this process alone")


def is_shared() -> bool:
    """Whether what this process counts, if it does, can be read by others."""
    return _held is not None or not _has_joined


def machine() -> str:
    """A name, without meaning, for all that counts together with this process."""
    place = f"{socket.gethostname()}:{settings.METRICS_DIR}:{'' if is_shared() else os.getpid()}"
    return hashlib.sha256(place.encode()).hexdigest()[:12]
