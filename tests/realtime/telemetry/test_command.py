"""`manage.py realtime_metrics`, which is another process than those that count."""

import json
import re
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from realtime import metrics
from realtime.telemetry import multiprocess
from realtime.telemetry.instruments import INSTRUMENTS
from realtime.telemetry.summary import quantile_of
from tests.unitemate.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


def asked(*options: str) -> str:
    """What the command prints, run as a process of its own."""
    command = [sys.executable, "manage.py", "realtime_metrics", *options]
    return subprocess.run(command, env=environment(COLUMNS="200"), check=True, capture_output=True, text=True).stdout


def series(document: dict, figure: str, **labels: str) -> dict:
    found = [one for one in document["figures"][figure]["series"] if one["labels"] == labels]
    return found[0] if found else {}


@pytest.fixture(autouse=True)
def from_zero():
    multiprocess.folder().reset()


def test_another_process_reads_what_this_one_counts():
    metrics.GAPS.labels("queue").inc(7)
    for seconds in (0.002, 0.002, 0.3):
        metrics.PUSH_SECONDS.labels("queue").observe(seconds)
    document = json.loads(asked("--json"))
    assert document["figures"].keys() == INSTRUMENTS.keys()
    assert document["since"] < document["at"]
    assert series(document, "unitemate_gaps_total", kind="queue")["value"] == 7
    pushed = series(document, "unitemate_push_seconds", kind="queue")
    assert (pushed["count"], pushed["sum"]) == (3, pytest.approx(0.304))
    assert 0.001 < pushed["p50"] <= 0.0025
    assert 0.25 < pushed["p99"] <= 0.5
    assert re.search(r"^unitemate_gaps_total +queue +7 *$", asked(), re.MULTILINE)


def test_after_a_reset_there_is_nothing_and_then_what_came_since():
    metrics.GAPS.labels("queue").inc(7)
    asked("--reset")
    assert series(json.loads(asked("--json")), "unitemate_gaps_total", kind="queue")["value"] == 0
    metrics.GAPS.labels("queue").inc(2)
    assert series(json.loads(asked("--json")), "unitemate_gaps_total", kind="queue")["value"] == 2


def test_pruning_keeps_the_figures():
    metrics.GAPS.labels("queue").inc(7)
    before = multiprocess.folder().running()
    asked("--prune")
    assert multiprocess.folder().running() == before
    assert series(json.loads(asked("--json")), "unitemate_gaps_total", kind="queue")["value"] == 7


def test_watching_shows_rates_until_told_to_stop(capsys, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: metrics.GAPS.labels("queue").inc(5))
    call_command("realtime_metrics", "--watch", "0.1", "--times", "3", "--json")
    looks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [series(look, "unitemate_gaps_total", kind="queue").get("value") for look in looks] in (
        [0, 5, 10],
        [None, 5, 10],
    )
    call_command("realtime_metrics", "--watch", "0.1", "--times", "2")
    assert re.search(r"unitemate_gaps_total +queue +\S+ +[\d,.]+\d *$", capsys.readouterr().out, re.MULTILINE)


def test_a_folder_that_cannot_be_used_is_said(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.METRICS_DIR = str(tmp_path / "file" / "figures")
    with pytest.raises(CommandError, match="METRICS_DIR"):
        call_command("realtime_metrics", "--reset")


@pytest.mark.parametrize(
    ("quantile", "estimate"),
    [(0.25, 0.5), (0.5, 1.0), (0.75, 1.5), (1.0, 2.0)],
)
def test_quantiles_are_spread_evenly_within_a_bucket(quantile, estimate):
    assert quantile_of([(1.0, 50), (2.0, 100), (float("inf"), 100)], quantile) == estimate


def test_a_quantile_beyond_the_last_bucket_is_its_bound():
    assert quantile_of([(1.0, 50), (2.0, 50), (float("inf"), 100)], 0.99) == 2.0
