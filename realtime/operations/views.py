"""Views: which metrics a sample shows, and what is computed of each.

An application adds a view with `level`, `rate`, `count` or `quantile` where it declares the metric. All functions here
compute with metrics that were collected before.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from prometheus_client import Metric

from realtime.telemetry.instruments import CALLBACKS, INSTRUMENTS
from realtime.telemetry.summary import quantile_of

Labels = Mapping[str, str]
Where = Callable[[Labels], bool]
Number = float | dict[str, float]
DataPoint = dict[str, Number | None]
"""The numbers of a sample: {view: number, or {label value: number}}; None if the number is unknown."""
CumulativeValues = dict[str, Number]
"""The values of counters and histograms at a sample. The next sample takes the difference."""
DIGITS = 4
"""Digits after the point: tenths of a millisecond for a number in seconds."""


class Aggregation(Enum):
    """What a view computes of a metric."""

    LEVEL = "as it stands"
    RATE = "a second"
    COUNT = "since the sample before"
    QUANTILE = "estimated, since the sample before"


@dataclass(frozen=True)
class View:
    """One number of a sample, or one for each value of a label. Made by the functions below."""

    name: str
    instrument: str
    how: Aggregation
    help: str
    where: Where
    by: str | None = None
    quantile: float = math.nan


VIEWS: dict[str, View] = {}
"""All views by name."""


def _everything(labels: Labels) -> bool:
    return True


def _add(view: View) -> None:
    if view.name in VIEWS:
        raise ValueError(f"{view.name!r} is shown twice")
    VIEWS[view.name] = view


def level(name: str, instrument: str, *, by: str | None = None, where: Where = _everything) -> None:
    """Show the value of a gauge.

    Args:
        name: the view's name in a sample.
        instrument: the metric's name.
        by: a label. There is a sum for each of its values.
        where: whether a series counts, by its labels.

    Raises:
        ValueError: the view's name is taken.
    """
    _add(View(name, instrument, Aggregation.LEVEL, INSTRUMENTS[instrument].help, where, by))


def rate(name: str, instrument: str, help: str = "", *, where: Where = _everything) -> None:
    """Show by how much a counter rises each second.

    Args:
        name: the view's name in a sample.
        instrument: the metric's name.
        help: a description, if `where` selects some of the series; the metric's own by default.
        where: whether a series counts, by its labels.

    Raises:
        ValueError: the view's name is taken.
    """
    _add(View(name, instrument, Aggregation.RATE, f"{help or INSTRUMENTS[instrument].help} A second.", where))


def count(name: str, instrument: str, help: str = "", *, where: Where = _everything) -> None:
    """Show by how much a counter has risen since the sample before. The arguments are those of `rate`.

    Raises:
        ValueError: the view's name is taken.
    """
    help = f"{help or INSTRUMENTS[instrument].help} Since the sample before."
    _add(View(name, instrument, Aggregation.COUNT, help, where))


def quantile(name: str, instrument: str, of: float) -> None:
    """Show a quantile of a histogram's measurements since the sample before.

    Args:
        name: the view's name in a sample.
        instrument: the metric's name.
        of: the quantile, between 0 and 1.

    Raises:
        ValueError: the view's name is taken.
    """
    help = f"{INSTRUMENTS[instrument].help} Quantile {of:g} since the sample before."
    _add(View(name, instrument, Aggregation.QUANTILE, help, _everything, quantile=of))


def cumulative(metrics: Iterable[Metric]) -> CumulativeValues:
    """The present values of the counters and histograms that views show."""
    by_name = _by_name(metrics)
    found: CumulativeValues = {}
    for view in VIEWS.values():
        metric = by_name[view.instrument]
        if view.how is Aggregation.QUANTILE:
            found[view.name] = _sums(metric, f"{view.instrument}_bucket", view.where, "le")
        elif view.how is not Aggregation.LEVEL:
            found[view.name] = _sum(metric, view)
    return found


def point(
    metrics: Iterable[Metric], now: CumulativeValues, before: CumulativeValues | None, seconds: float
) -> DataPoint:
    """The numbers of a sample.

    Args:
        metrics: the metrics from `telemetry.collecting.collect`.
        now: their cumulative values.
        before: the cumulative values of the sample before; None without one.
        seconds: the time since that sample.

    Returns:
        A number for each view. A rate, count or quantile is None without a sample before; a quantile also without
        measurements; a level if its callback failed.
    """
    by_name = _by_name(metrics)
    return {
        view.name: _level(by_name[view.instrument], view)
        if view.how is Aggregation.LEVEL
        else _difference(view, now[view.name], before.get(view.name), seconds)
        if before is not None
        else None
        for view in VIEWS.values()
    }


def _level(metric: Metric, view: View) -> Number | None:
    if not metric.samples and view.instrument in CALLBACKS:
        return None
    if view.by is not None:
        return {value: _plain(number) for value, number in _sums(metric, view.instrument, view.where, view.by).items()}
    return _plain(_sum(metric, view))


def _difference(view: View, now: Number, before: Number | None, seconds: float) -> float | None:
    """The difference of two cumulative values. After a reset it is taken for zero."""
    if isinstance(now, dict):
        earlier = before if isinstance(before, dict) else {}
        below = sorted((float(bound), max(0.0, number - earlier.get(bound, 0.0))) for bound, number in now.items())
        return _plain(quantile_of(below, view.quantile)) if _is_measured(below) else None
    rise = max(0.0, now - before) if isinstance(before, int | float) else 0.0
    return _plain(rise / seconds if view.how is Aggregation.RATE else rise)


def _is_measured(below: Sequence[tuple[float, float]]) -> bool:
    return bool(below) and below[-1][1] > 0


def _sum(metric: Metric, view: View) -> float:
    return sum(each.value for each in metric.samples if each.name == view.instrument and view.where(each.labels))


def _sums(metric: Metric, sample: str, where: Where, by: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for each in metric.samples:
        if each.name == sample and where(each.labels):
            sums[each.labels[by]] += each.value
    return dict(sums)


def _by_name(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """Metrics by their declared names. prometheus-client drops a counter's `_total`."""
    found = {metric.name: metric for metric in metrics}
    return {name: found[name.removesuffix("_total")] for name in INSTRUMENTS}


def _plain(number: float) -> float:
    """A number that is short in JSON: rounded, and an `int` if it is whole."""
    return int(number) if number == int(number) else round(number, DIGITS)
