"""Metrics for people and programs: series with their values, distributions with their quantiles."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Metric

from realtime.telemetry.instruments import INSTRUMENTS

QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Series:
    """One series of a metric.

    Attributes:
        instrument: the metric's name.
        labels: its label values by label name.
        value: its number; of a histogram the count of measurements.
        total: of a histogram the sum of the measurements.
        quantiles: of a histogram {0.5: estimate, …}; empty without measurements.
    """

    instrument: str
    labels: dict[str, str]
    value: float
    total: float | None = None
    quantiles: dict[float, float] | None = None

    @property
    def key(self) -> str:
        """The metric and its labels as one text."""
        return self.instrument + "".join(f" {name}={value}" for name, value in self.labels.items())

    def as_json(self) -> dict[str, Any]:
        """The series as `realtime_metrics --json` shows it."""
        if self.quantiles is None:
            return {"labels": self.labels, "value": self.value}
        estimates = {f"p{quantile * 100:g}": estimate for quantile, estimate in self.quantiles.items()}
        return {"labels": self.labels, "count": self.value, "sum": self.total, **estimates}


def summarise(metrics: Sequence[Metric]) -> list[Series]:
    """The series of metrics, in their order."""
    found = []
    for metric in metrics:
        found += _distributions(metric) if metric.type == "histogram" else _numbers(metric)
    return found


def as_json(series: Sequence[Series]) -> dict[str, Any]:
    """All declared metrics with their series, as JSON data. A metric that was not counted has no series."""
    figures: dict[str, Any] = {
        name: {"kind": instrument.kind, "help": instrument.help, "series": []}
        for name, instrument in INSTRUMENTS.items()
    }
    for one in series:
        figures[one.instrument]["series"].append(one.as_json())
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
    """Estimate a quantile as Prometheus does: measurements are spread evenly within their bucket.

    Args:
        below: pairs of an upper bound and the count at or below it. The bounds rise; the last is infinite.
        quantile: a number between 0 and 1.

    Returns:
        The estimate. In the last bucket it is the last finite bound.
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
