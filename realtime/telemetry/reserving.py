"""Files of figures whose blocks are there before they are written to.

prometheus-client maps sparse files into memory. Where the disk is full by the time that such a page is first written
to, the kernel ends the process (SIGBUS), and so figures could end every worker. Here blocks are reserved first. What
finds no place on the disk is counted by its process alone, and put into the file once there is room.
"""

import os
from time import monotonic
from typing import Any

from prometheus_client.mmap_dict import _INITIAL_MMAP_SIZE, MmapedDict

RETRY_AFTER = 60.0
"""Seconds between attempts to find room on a disk that was full."""

LENGTHS = 4 + 8 + 16
"""Bytes that an entry takes besides its key, at most: the key's length, its padding, value and time."""


def reserve(path: str, size: int = _INITIAL_MMAP_SIZE) -> None:
    """Make a file at least so long, with blocks for all of it.

    Raises:
        OSError: the disk is full, or the file cannot be written. A file that was made for this is gone again.
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
    """prometheus-client's dictionary in a file, which never grows into blocks that are not there.

    Args:
        filename: of the file; it is made.

    Attributes:
        fulls: how often, in all dictionaries, there was no room.
    """

    fulls = 0

    def __init__(self, filename: str) -> None:
        self._path = filename
        self._positions: dict[str, int] = {}
        self._tried = float("-inf")
        self._is_open = False
        self._try(self._open)

    def read_value(self, key: str) -> Any:
        """The value and the time of its change; nothing of what has no place in the file."""
        return super().read_value(key) if self._has_place(key) else (0.0, 0.0)

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Write a value; what finds no place is in its process's memory alone, where all of it is."""
        if self._has_place(key):
            super().write_value(key, value, timestamp)

    def close(self) -> None:
        """Let go of the file, if there is one."""
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
        """Reserve what the parent is going to map: it doubles the file until an entry fits."""
        size = self._capacity
        while size < need:
            size *= 2
        reserve(self._path, size)
