"""What number becomes of a figure: levels, rates, counts and quantiles of figures made by hand."""

import pytest
from prometheus_client import Metric

from realtime.operations import views
from realtime.telemetry.instruments import Instrument


@pytest.fixture(autouse=True)
def figures(monkeypatch):
    """A counter by status, a gauge by kind, a histogram and a reading; nothing is shown yet."""
    declared = [
        Instrument("asked_total", "counter", "Asked.", ("status",)),
        Instrument("open", "gauge", "Open.", ("kind",)),
        Instrument("took_seconds", "histogram", "Took.", ()),
        Instrument("read", "gauge", "Read.", ()),
    ]
    monkeypatch.setattr(views, "VIEWS", {})
    monkeypatch.setattr(views, "INSTRUMENTS", {figure.name: figure for figure in declared})
    monkeypatch.setattr(views, "CALLBACKS", {"read": lambda: 1.0})


def collected(asked=None, open=None, took=None, read=None) -> list[Metric]:
    """What `collect` would find: numbers by label, below each bound, and one reading."""
    counter, gauge = Metric("asked", "", "counter"), Metric("open", "", "gauge")
    histogram, observable_gauge = Metric("took_seconds", "", "histogram"), Metric("read", "", "gauge")
    for status, number in (asked or {}).items():
        counter.add_sample("asked_total", {"status": status}, number)
        counter.add_sample("asked_created", {"status": status}, 1_700_000_000)
    for kind, number in (open or {}).items():
        gauge.add_sample("open", {"kind": kind}, number)
    for bound, number in (took or {}).items():
        histogram.add_sample("took_seconds_bucket", {"le": bound}, number)
    if read is not None:
        observable_gauge.add_sample("read", {}, read)
    return [counter, gauge, histogram, observable_gauge]


def point(now: list[Metric], before: list[Metric] | None = None, seconds: float = 5.0):
    return views.point(now, views.cumulative(now), None if before is None else views.cumulative(before), seconds)


def test_a_level_is_the_sum_of_its_series_or_one_number_for_each_value_of_a_label():
    views.level("open", "open")
    views.level("kinds", "open", by="kind")
    views.level("matches", "open", where=lambda labels: labels["kind"] == "match")
    now = collected(open={"queue": 1, "match": 2.5})
    assert point(now) == {"open": 3.5, "kinds": {"queue": 1, "match": 2.5}, "matches": 2.5}


def test_a_gauge_that_nobody_has_set_is_nought_and_a_reading_that_failed_is_not_known():
    views.level("open", "open")
    views.level("read", "read")
    assert point(collected()) == {"open": 0, "read": None}
    assert point(collected(read=7.0)) == {"open": 0, "read": 7}


def test_what_compares_needs_a_sample_before():
    views.rate("rate", "asked_total")
    views.count("count", "asked_total")
    views.quantile("p50", "took_seconds", 0.5)
    now = collected(asked={"200": 50}, took={"1.0": 10, "+Inf": 10})
    assert point(now) == {"rate": None, "count": None, "p50": None}


def test_rates_and_counts_are_of_the_time_between():
    views.rate("rate", "asked_total")
    views.count("count", "asked_total")
    views.rate("failed", "asked_total", where=lambda labels: labels["status"].startswith("5"))
    before, now = collected(asked={"200": 50}), collected(asked={"200": 60, "503": 5})
    assert point(now, before, 6.0) == {"rate": 2.5, "count": 15, "failed": 0.8333}


def test_a_quantile_is_of_what_was_measured_between():
    views.quantile("p50", "took_seconds", 0.5)
    views.quantile("p99", "took_seconds", 0.99)
    before = collected(took={"0.1": 1000, "1.0": 1000, "+Inf": 1000})
    now = collected(took={"0.1": 1000, "1.0": 1010, "+Inf": 1010})
    assert point(now, before) == {"p50": 0.55, "p99": 0.991}
    assert point(now, now) == {"p50": None, "p99": None}  # nothing was measured


def test_a_reset_between_is_taken_for_nothing():
    views.rate("rate", "asked_total")
    views.quantile("p50", "took_seconds", 0.5)
    before = collected(asked={"200": 50}, took={"1.0": 50, "+Inf": 50})
    now = collected(asked={"200": 3}, took={"1.0": 3, "+Inf": 3})
    assert point(now, before) == {"rate": 0, "p50": None}


def test_a_figure_that_is_shown_only_since_the_sample_before_counts_from_nought():
    before = views.cumulative(collected(asked={"200": 50}))
    views.rate("rate", "asked_total")
    now = collected(asked={"200": 50})
    assert views.point(now, views.cumulative(now), before, 5.0) == {"rate": 0}


def test_a_name_has_one_meaning():
    views.level("open", "open")
    with pytest.raises(ValueError, match="twice"):
        views.rate("open", "asked_total")
