"""Figures as people and programs want them: series with their values, distributions with their quantiles."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Metric

from realtime.telemetry.instruments import INSTRUMENTS

QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Series:
    """One series of a figure.

    Attributes:
        figure: its name.
        labels: the values of its labels, by name.
        value: the number; of a histogram, how many were measured.
        total: of a histogram, their sum.
        quantiles: of a histogram, {0.5: upper estimate, …}; empty where nothing was measured.
    """

    figure: str
    labels: dict[str, str]
    value: float
    total: float | None = None
    quantiles: dict[float, float] | None = None

    @property
    def key(self) -> str:
        """The figure and its labels in a line."""
        return self.figure + "".join(f" {name}={value}" for name, value in self.labels.items())

    def as_json(self) -> dict[str, Any]:
        """In the form of `realtime_metrics --json`."""
        if self.quantiles is None:
            return {"labels": self.labels, "value": self.value}
        estimates = {f"p{quantile * 100:g}": estimate for quantile, estimate in self.quantiles.items()}
        return {"labels": self.labels, "count": self.value, "sum": self.total, **estimates}


def summarise(metrics: Sequence[Metric]) -> list[Series]:
    """The series of these figures, in their order."""
    found = []
    for metric in metrics:
        found += _distributions(metric) if metric.type == "histogram" else _numbers(metric)
    return found


def as_json(series: Sequence[Series]) -> dict[str, Any]:
    """Every declared figure with its series, for programs; with none where nothing was counted."""
    figures: dict[str, Any] = {
        name: {"kind": figure.kind, "help": figure.help, "series": []} for name, figure in INSTRUMENTS.items()
    }
    for one in series:
        figures[one.figure]["series"].append(one.as_json())
    return figures


def _numbers(metric: Metric) -> list[Series]:
    return [
        Series(sample.name, dict(sample.labels), sample.value)
        for sample in metric.samples
        if not sample.name.endswith("_created")
    ]


def _distributions(metric: Metric) -> list[Series]:
    buckets: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = defaultdict(list)
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    for sample in metric.samples:
        labels = dict(sample.labels)
        if sample.name.endswith("_bucket"):
            bound = float(labels.pop("le"))
            buckets[tuple(labels.items())].append((bound, sample.value))
        elif sample.name.endswith("_sum"):
            sums[tuple(labels.items())] = sample.value
    found = []
    for pairs, below in buckets.items():
        below.sort()
        count = below[-1][1]
        estimates = {quantile: quantile_of(below, quantile) for quantile in QUANTILES} if count else {}
        found.append(Series(metric.name, dict(pairs), count, sums.get(pairs, 0.0), estimates))
    return found


def quantile_of(below: Sequence[tuple[float, float]], quantile: float) -> float:
    """A quantile as Prometheus estimates it: evenly spread within its bucket.

    Args:
        below: (upper bound, how many are at or below it), rising, the last bound infinite.
        quantile: between 0 and 1.

    Returns:
        The estimate; where it falls beyond the last finite bound, that bound.
    """
    rank = quantile * below[-1][1]
    lower, seen = 0.0, 0.0
    for bound, number in below:
        if number >= rank and number > seen:
            if bound == float("inf"):
                break
            return lower + (bound - lower) * (rank - seen) / (number - seen)
        if bound != float("inf"):
            lower, seen = bound, number
    return lower
