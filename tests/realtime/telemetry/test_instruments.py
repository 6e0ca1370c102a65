"""Figures: declared once, bounded, made at the first count; read in Prometheus' form."""

import json
import subprocess
import sys
from itertools import count

import pytest
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from realtime.telemetry import instruments
from realtime.telemetry.collecting import _metrics, exposition
from realtime.telemetry.instruments import INSTRUMENTS, counter, gauge, histogram, observable_gauge
from tests.figures import figure

numbers = count()


@pytest.fixture
def name(monkeypatch):
    """A name for a figure of this test."""
    monkeypatch.setattr(instruments, "INSTRUMENTS", INSTRUMENTS)
    before = set(INSTRUMENTS)
    yield f"test_{next(numbers)}"
    for added in set(INSTRUMENTS) - before:
        del INSTRUMENTS[added]
        instruments.CALLBACKS.pop(added, None)


def shown() -> dict[str, float]:
    """{sample with its labels: value} of what `/metrics` shows."""
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
    }


@pytest.mark.django_db
def test_what_is_counted_is_shown(name):
    counter(f"{name}_total", "Help.", "kind").labels("queue").inc(3)
    gauge(f"{name}_now", "Help.").labels().inc(2)
    measured = histogram(f"{name}_seconds", "Help.", "kind", buckets=(1, 10))
    for seconds in (0.5, 5, 50):
        measured.labels("user").observe(seconds)
    text = shown()
    assert text[f"{name}_total kind=queue"] == 3
    assert text[f"{name}_now"] == 2
    assert [text[f"{name}_seconds_bucket kind=user le={bound}"] for bound in ("1.0", "10.0", "+Inf")] == [1, 2, 3]
    assert text[f"{name}_seconds_count kind=user"] == 3
    assert text[f"{name}_seconds_sum kind=user"] == 55.5


def test_a_name_is_declared_once(name):
    counter(f"{name}_total", "Help.")
    with pytest.raises(ValueError, match=name):
        gauge(f"{name}_total", "Help.")
    with pytest.raises(ValueError, match=name):
        observable_gauge(f"{name}_total", "Help.")


def test_no_figure_grows_without_bounds(name, monkeypatch):
    monkeypatch.setattr(instruments, "CARDINALITY_LIMIT", 3)
    counted = counter(f"{name}_total", "Help.", "word")
    for number in range(10):
        counted.labels(str(number)).inc()
    assert figure(f"{name}_total", word="0") == 1
    assert figure(f"{name}_total", word="other") == 7


@pytest.mark.django_db
def test_readings_are_taken_when_asked_for(name):
    values = {("a",): 1.0}
    observable_gauge(name, "Help.", "letter")(lambda: values)
    assert shown()[f"{name} letter=a"] == 1
    values[("b",)] = 2.0
    assert shown()[f"{name} letter=b"] == 2


@pytest.mark.django_db
def test_a_reading_that_fails_hides_no_other(name):
    @observable_gauge(f"{name}_broken", "Help.")
    def broken():
        raise OperationalError("the database is away")

    observable_gauge(f"{name}_whole", "Help.")(lambda: 1.0)
    text = shown()
    assert text[f"{name}_whole"] == 1
    assert f"{name}_broken" not in text


def test_a_process_that_counts_nothing_leaves_nothing_behind(tmp_path):
    environment = {"METRICS_DIR": str(tmp_path / "figures"), "PATH": ""}
    subprocess.run([sys.executable, "manage.py", "check"], env=environment, check=True, capture_output=True)
    assert not (tmp_path / "figures").exists()


def test_a_folder_that_cannot_be_used_leaves_the_process_its_own_figures(tmp_path):
    (tmp_path / "file").touch()
    script = """
import django; django.setup()
from realtime import metrics
from realtime.telemetry.collecting import _counted
metrics.GAPS.labels("queue").inc(4)
print({sample.name: sample.value for metric in _counted() for sample in metric.samples}["unitemate_gaps_total"])
"""
    environment = {
        "METRICS_DIR": str(tmp_path / "file" / "figures"),
        "DJANGO_SETTINGS_MODULE": "unitemate.settings",
        "PATH": "",
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout == "4.0\n"
    assert "for this process alone" in done.stderr


def test_two_versions_that_describe_a_figure_differently_count_the_same_one():
    keys = {
        json.dumps(["eggs", sample, labels, help]): number
        for help, number in (("Eggs.", 2.0), ("All eggs.", 3.0))
        for sample, labels in (("eggs_sum", {"c": "x"}), ("eggs_bucket", {"c": "x", "le": "1.0"}))
    }
    (metric,) = _metrics("histogram", keys)
    assert {sample.name: sample.value for sample in metric.samples} == {
        "eggs_sum": 5,
        "eggs_bucket": 5,
        "eggs_count": 5,
    }
