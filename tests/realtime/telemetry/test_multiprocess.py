"""What processes count is put together, outlives them, and can be reset and pruned."""

import json
import subprocess
import sys

import pytest

from realtime.telemetry.multiprocess import Folder

CHILD = """
import os, sys
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from realtime.telemetry.multiprocess import Folder
me, held = Folder(Path(sys.argv[1])).join()
values.ValueClass = values.MultiProcessValue(lambda: me)
registry = CollectorRegistry()
made = {
    "eggs": Counter("eggs_total", "Eggs.", ["colour"], registry=registry).labels("blue"),
    "nests": Gauge("nests", "Nests.", registry=registry, multiprocess_mode="livesum"),
    "weight": Histogram("weight", "Weight.", registry=registry, buckets=(1, 2)),
}
for line in sys.stdin:
    name, number = line.split()
    (made[name].observe if name == "weight" else made[name].inc)(float(number))
    print("done", flush=True)
"""


class Process:
    """A process that counts on demand."""

    def __init__(self, folder: Folder) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def count(self, name: str, number: float) -> None:
        self._process.stdin.write(f"{name} {number}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def kill(self) -> None:
        """No goodbye: what it counted has to be there all the same."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "figures")


@pytest.fixture
def process(folder):
    processes = []

    def start() -> Process:
        processes.append(Process(folder))
        return processes[-1]

    yield start
    for started in processes:
        started.kill()


def of(folder: Folder) -> dict[str, float]:
    """{sample: value}, the buckets by their bound."""
    found = {}
    for keys in folder.totals().values():
        for key, value in keys.items():
            _, sample, labels, _ = json.loads(key)
            found[sample + "".join(labels.get(label, "") for label in ("colour", "le"))] = value
    return found


def test_processes_add_up(folder, process):
    one, other = process(), process()
    one.count("eggs", 2)
    other.count("eggs", 3)
    one.count("nests", 1)
    other.count("nests", 4)
    one.count("weight", 0.5)
    other.count("weight", 1.5)
    assert of(folder) == {
        "eggs_totalblue": 5,
        "nests": 5,
        "weight_sum": 2,
        "weight_bucket1.0": 1,
        "weight_bucket2.0": 1,
        "weight_bucket+Inf": 0,
    }


def test_what_a_killed_process_counted_stays_and_what_it_held_goes(folder, process):
    one, other = process(), process()
    one.count("eggs", 2)
    one.count("nests", 1)
    other.count("nests", 4)
    one.kill()
    assert len(folder.running()) == 1
    seen = of(folder)
    assert (seen["eggs_totalblue"], seen["nests"]) == (2, 4)


def test_pruning_changes_no_total_and_leaves_the_living_alone(folder, process):
    living = process()
    for _ in range(3):
        ended = process()
        ended.count("eggs", 1)
        ended.count("weight", 0.5)
        ended.kill()
    living.count("eggs", 10)
    before = of(folder)
    assert folder.prune() == 3
    assert of(folder) == before
    assert len(list(folder.path.glob("*.db"))) == 3  # of the one that lives
    assert len(list(folder.path.glob("process_*"))) == 1
    living.count("eggs", 10)
    living.kill()
    assert folder.prune() == 1
    assert folder.prune() == 0
    assert of(folder)["eggs_totalblue"] == 23


def test_a_prune_that_is_killed_half_way_counts_nothing_twice(folder, process, monkeypatch):
    ended = process()
    ended.count("eggs", 5)
    ended.kill()

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.prune()
    assert list(folder.path.glob("counter_*.db")) != []
    assert of(folder)["eggs_totalblue"] == 5
    folder.prune()
    assert list(folder.path.glob("*.db")) == []
    assert of(folder)["eggs_totalblue"] == 5


def test_a_reset_counts_from_zero_and_processes_go_on(folder, process):
    living, ended = process(), process()
    living.count("eggs", 5)
    living.count("nests", 3)
    ended.count("eggs", 5)
    ended.kill()
    assert folder.since() is None
    folder.reset()
    assert folder.since() > 0
    seen = of(folder)
    assert (seen["eggs_totalblue"], seen["nests"]) == (0, 3)  # what is held now is no count
    living.count("eggs", 2)
    folder.prune()
    assert of(folder)["eggs_totalblue"] == 2


def test_pruning_drops_what_is_not_declared_any_more(folder, process):
    ended = process()
    ended.count("eggs", 5)
    ended.count("weight", 1)
    ended.kill()
    folder.prune(known={"eggs_total"})
    assert of(folder) == {"eggs_totalblue": 5}


def test_a_state_that_cannot_be_read_is_no_obstacle(folder, process):
    living = process()
    living.count("eggs", 5)
    (folder.path / "state.json").write_text("{half")
    assert of(folder)["eggs_totalblue"] == 5
    folder.reset()
    assert of(folder)["eggs_totalblue"] == 0


def test_a_file_that_has_only_just_been_made_holds_nothing(folder):
    (folder.path / "counter_00ff.db").touch()
    assert of(folder) == {}


def test_nobody_else_can_look_into_the_folder(folder):
    assert folder.path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Folder(tmp_path / "file" / "figures")
