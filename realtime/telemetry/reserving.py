"""Metric files whose disk blocks are reserved before they are written to.

prometheus-client maps sparse files into memory. If the disk is full when a page is first written to, the kernel ends
the process (SIGBUS), so metrics could end every worker. Here blocks are reserved first. A value that finds no room on
the disk stays in the memory of its process, and goes into the file when there is room.
"""

import os
from time import monotonic
from typing import Any

from prometheus_client.mmap_dict import _INITIAL_MMAP_SIZE, MmapedDict

RETRY_AFTER = 60.0
"""Seconds between two attempts to write to a disk that was full."""

LENGTHS = 4 + 8 + 16
"""The largest size of an entry without its key, in bytes: the key's length, its padding, value and time."""


def reserve(path: str, size: int = _INITIAL_MMAP_SIZE) -> None:
    """Extend a file to a size, and reserve the blocks for all of it.

    Raises:
        OSError: the disk is full, or the file cannot be written. A new file is removed again.
    """
    with open(path, "ab") as file:
        before = os.fstat(file.fileno()).st_size
        try:
            os.posix_fallocate(file.fileno(), 0, max(size, before))
        except OSError:
            if before == 0:
                os.unlink(path)
            raise


class ReservedDict(MmapedDict):
    """prometheus-client's dictionary in a file, which uses reserved blocks only.

    Args:
        filename: the file, which is made.

    Attributes:
        fulls: how often any dictionary found no room.
    """

    fulls = 0

    def __init__(self, filename: str) -> None:
        self._path = filename
        self._positions: dict[str, int] = {}
        self._tried = float("-inf")
        self._is_open = False
        self._try(self._open)

    def read_value(self, key: str) -> Any:
        """The value and the time of its change; zeros if the key has no place in the file."""
        return super().read_value(key) if self._has_place(key) else (0.0, 0.0)

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Write a value, if the key has a place in the file. The process has the value in memory as well."""
        if self._has_place(key):
            super().write_value(key, value, timestamp)

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._is_open:
            super().close()

    def _has_place(self, key: str) -> bool:
        if key in self._positions:
            return True
        if not self._is_open and not self._try(self._open):
            return False
        need = self._used + LENGTHS + len(key.encode())
        return need <= self._capacity or self._try(lambda: self._grow(need))

    def _try(self, operation: Any) -> bool:
        if monotonic() - self._tried < RETRY_AFTER:
            return False
        try:
            operation()
        except OSError:
            self._tried = monotonic()
            ReservedDict.fulls += 1
            return False
        return True

    def _open(self) -> None:
        reserve(self._path)
        super().__init__(self._path)
        self._is_open = True

    def _grow(self, need: int) -> None:
        """Reserve what the parent will map: it doubles the file until the entry fits."""
        size = self._capacity
        while size < need:
            size *= 2
        reserve(self._path, size)
