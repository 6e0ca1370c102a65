"""Which of the declared figures a sample shows, and what number becomes of each.

An application adds to it, with `level`, `rate`, `count` or `quantile`, where it declares the figure.
Everything here is arithmetic on figures that were collected; nothing is read.
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
"""What a sample shows: {name: number, or numbers by the value of a label}; None where nothing is known."""
CumulativeValues = dict[str, Number]
"""What counters and histograms stood at, from which the next sample subtracts."""
DIGITS = 4
"""Digits after the point: tenths of a millisecond, where a number is in seconds."""


class Aggregation(Enum):
    """What becomes of a figure."""

    LEVEL = "as it stands"
    RATE = "a second"
    COUNT = "since the sample before"
    QUANTILE = "estimated, since the sample before"


@dataclass(frozen=True)
class View:
    """One number of a sample, or one number for each value of a label. Made by the functions below."""

    name: str
    figure: str
    how: Aggregation
    help: str
    where: Where
    by: str | None = None
    quantile: float = math.nan


VIEWS: dict[str, View] = {}
"""Everything that a sample shows, by name."""


def _everything(labels: Labels) -> bool:
    return True


def _add(view: View) -> None:
    if view.name in VIEWS:
        raise ValueError(f"{view.name!r} is shown twice")
    VIEWS[view.name] = view


def level(name: str, figure: str, *, by: str | None = None, where: Where = _everything) -> None:
    """Show a gauge or a reading as it stands.

    Args:
        name: what it is called in a sample.
        figure: the name of a declared figure.
        by: a label; there is a number for each of its values, and none for its other labels.
        where: which of the series count, by their labels.
    """
    _add(View(name, figure, Aggregation.LEVEL, INSTRUMENTS[figure].help, where, by))


def rate(name: str, figure: str, help: str = "", *, where: Where = _everything) -> None:
    """Show how fast a counter rises, per second; see `level` for the arguments. `help` is for a part of its series."""
    _add(View(name, figure, Aggregation.RATE, f"{help or INSTRUMENTS[figure].help} A second.", where))


def count(name: str, figure: str, help: str = "", *, where: Where = _everything) -> None:
    """Show by how much a counter has risen since the sample before; see `rate`."""
    _add(View(name, figure, Aggregation.COUNT, f"{help or INSTRUMENTS[figure].help} Since the sample before.", where))


def quantile(name: str, figure: str, of: float) -> None:
    """Show a quantile of what a histogram has measured since the sample before; `of` is between 0 and 1."""
    help = f"{INSTRUMENTS[figure].help} Quantile {of:g} since the sample before."
    _add(View(name, figure, Aggregation.QUANTILE, help, _everything, quantile=of))


def cumulative(metrics: Iterable[Metric]) -> CumulativeValues:
    """What the counters and histograms that are shown stand at."""
    by_name = _by_name(metrics)
    found: CumulativeValues = {}
    for view in VIEWS.values():
        metric = by_name[view.figure]
        if view.how is Aggregation.QUANTILE:
            found[view.name] = _sums(metric, f"{view.figure}_bucket", view.where, "le")
        elif view.how is not Aggregation.LEVEL:
            found[view.name] = _sum(metric, view)
    return found


def point(
    metrics: Iterable[Metric], now: CumulativeValues, before: CumulativeValues | None, seconds: float
) -> DataPoint:
    """The numbers of a sample.

    Args:
        metrics: what `telemetry.reading.collect` found.
        now: their tallies.
        before: the tallies of the sample before; None where there is none to compare with.
        seconds: how long ago that was.

    Returns:
        Every name of `VIEWS` with its number. What compares is None without a sample before, a quantile
        also where nothing was measured, and a reading that failed.
    """
    by_name = _by_name(metrics)
    return {
        view.name: _level(by_name[view.figure], view)
        if view.how is Aggregation.LEVEL
        else _difference(view, now[view.name], before.get(view.name), seconds)
        if before is not None
        else None
        for view in VIEWS.values()
    }


def _level(metric: Metric, view: View) -> Number | None:
    if not metric.samples and view.figure in CALLBACKS:
        return None
    if view.by is not None:
        return {value: _plain(number) for value, number in _sums(metric, view.figure, view.where, view.by).items()}
    return _plain(_sum(metric, view))


def _difference(view: View, now: Number, before: Number | None, seconds: float) -> float | None:
    """What came between two tallies. Where the figures were reset meanwhile, it is taken for nothing."""
    if isinstance(now, dict):
        earlier = before if isinstance(before, dict) else {}
        below = sorted((float(bound), max(0.0, number - earlier.get(bound, 0.0))) for bound, number in now.items())
        return _plain(quantile_of(below, view.quantile)) if _is_measured(below) else None
    rise = max(0.0, now - before) if isinstance(before, int | float) else 0.0
    return _plain(rise / seconds if view.how is Aggregation.RATE else rise)


def _is_measured(below: Sequence[tuple[float, float]]) -> bool:
    return bool(below) and below[-1][1] > 0


def _sum(metric: Metric, view: View) -> float:
    return sum(each.value for each in metric.samples if each.name == view.figure and view.where(each.labels))


def _sums(metric: Metric, sample: str, where: Where, by: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for each in metric.samples:
        if each.name == sample and where(each.labels):
            sums[each.labels[by]] += each.value
    return dict(sums)


def _by_name(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """By the names that figures are declared with, which of counters end in `_total`."""
    found = {metric.name: metric for metric in metrics}
    return {name: found[name.removesuffix("_total")] for name in INSTRUMENTS}


def _plain(number: float) -> float:
    """Rounded, and whole where it is: it is sent to every member of staff who looks."""
    return int(number) if number == int(number) else round(number, DIGITS)
