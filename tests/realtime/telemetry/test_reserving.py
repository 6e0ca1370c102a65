"""A full disk under the figures: nobody ends by it, and what finds no place is counted all the same."""

import errno
import json
import os
import re
import subprocess
import sys

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from realtime.telemetry import reserving
from realtime.telemetry.multiprocess import Folder
from realtime.telemetry.reserving import ReservedDict
from tests.realtime.telemetry.test_multiprocess import of
from tests.test_layout import ROOT

pytestmark = pytest.mark.sqlite  # once; no database has a part in it
KIB = 1024


def key(number: int) -> str:
    """Of a series whose entry has some 200 bytes."""
    return mmap_key("eggs", "eggs_total", ["colour"], [f"{number:0140d}"], "Eggs.")


@pytest.fixture
def disk(monkeypatch):
    """A disk that refuses to reserve more than so many bytes of a file: `disk["room"] = 0`."""
    disk = {"room": 10**9}
    reserve = os.posix_fallocate

    def bounded(descriptor: int, offset: int, size: int) -> None:
        if offset + size > disk["room"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        reserve(descriptor, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", bounded)
    monkeypatch.setattr(ReservedDict, "fulls", 0)
    return disk


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(reserving, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "counter_00ff.db")


def kept(path: str) -> dict[str, float]:
    return {key: value for key, value, *_ in MmapedDict.read_all_values_from_file(path)}


def test_no_byte_of_a_file_is_without_a_block(path):
    counted = ReservedDict(path)
    for number in range(2000):
        counted.write_value(key(number), number, 0.0)
    found = os.stat(path)
    assert found.st_size >= 400 * KIB
    assert found.st_blocks * 512 >= found.st_size
    assert kept(path) == {key(number): number for number in range(2000)}
    counted.close()


def test_without_room_for_a_file_there_is_none_until_there_is_room(path, disk, clock):
    disk["room"] = 0
    counted = ReservedDict(path)
    assert counted.read_value(key(1)) == (0.0, 0.0)
    counted.write_value(key(1), 5.0, 0.0)
    assert not os.path.exists(path)
    assert ReservedDict.fulls == 1  # not asked again at each count
    disk["room"] = 10**9
    clock[0] += reserving.RETRY_AFTER
    counted.write_value(key(1), 6.0, 0.0)
    assert kept(path) == {key(1): 6.0}
    counted.close()


def test_where_a_file_cannot_grow_what_is_in_it_goes_on_being_shared(path, disk, clock):
    disk["room"] = 64 * KIB
    counted = ReservedDict(path)
    for _ in range(2):
        for number in range(500):
            counted.write_value(key(number), number + 1.0, 0.0)
    placed = kept(path)
    assert 300 < len(placed) < 500
    counted.write_value(key(0), 7.0, 0.0)
    assert kept(path) == placed | {key(0): 7.0}
    assert counted.read_value(key(499)) == (0.0, 0.0)
    disk["room"] = 10**9
    clock[0] += reserving.RETRY_AFTER
    counted.write_value(key(499), 9.0, 0.0)
    assert kept(path) == placed | {key(0): 7.0, key(499): 9.0}
    counted.close()


def test_closing_without_a_file_is_no_fault(path, disk):
    disk["room"] = 0
    ReservedDict(path).close()


# --- a real disk ----------------------------------------------------------------------------------

COUNTING = """
import django; django.setup()
from realtime import metrics
from realtime.telemetry import multiprocess
from realtime.telemetry.instruments import counter, histogram
def fill():
    with open(multiprocess.folder().path / "ballast", "wb", buffering=0) as ballast:
        try:
            while True: ballast.write(b"x" * 4096)
        except OSError: pass
eggs = counter("eggs_total", "Eggs.", "number")
if FIRST: fill()
for number in range(10): eggs.labels(f"{number:0140d}").inc(number)
fill()
for number in range(900): eggs.labels(f"{number:0140d}").inc()
histogram("weight", "Weight.").labels().observe(1)
print(multiprocess.is_shared(), sum(eggs.labels(f"{number:0140d}")._value.get() for number in range(900)))
"""


def on_a_disk(folder, size: int, script: str) -> subprocess.CompletedProcess:
    """Run a script on a file system of its own of so many KiB, which holds the folder of the figures."""
    command = f"mount -t tmpfs -o size={size}k tmpfs '{folder}' && exec \"$@\""
    environment = os.environ | {"METRICS_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "unitemate.settings"}
    isolated = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run([*isolated, command, "sh", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("NO MOUNT (unshare --mount): a full disk is tested with injected faults alone")
    return subprocess.run(
        [*isolated, command, "sh", sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("first", "shared"), [(False, True), (True, False)], ids=["while it runs", "before it begins"])
def test_a_process_counts_on_while_the_disk_is_full(tmp_path, first, shared):
    done = on_a_disk(tmp_path, 160, COUNTING.replace("FIRST", str(first)))
    assert (done.returncode, done.stdout) == (0, f"{shared} 945.0\n"), done.stderr
    assert len(re.findall("for this process alone", done.stderr)) == 1


def test_what_a_full_disk_holds_can_be_read(tmp_path):
    script = COUNTING.replace("FIRST", "False") + "print(len(multiprocess.folder().totals()['counter']))"
    done = on_a_disk(tmp_path, 160, script)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 10


def test_a_folder_is_joined_and_left_as_ever(tmp_path):
    folder = Folder(tmp_path)
    name, held = folder.join()
    counted = ReservedDict(str(tmp_path / f"counter_{name}.db"))
    counted.write_value(json.dumps(["eggs", "eggs_total", {"colour": "blue"}, "Eggs."]), 3.0, 0.0)
    assert of(folder) == {"eggs_totalblue": 3}
    counted.close()
    held.close()
    assert folder.prune() == 1
    assert of(folder) == {"eggs_totalblue": 3}
