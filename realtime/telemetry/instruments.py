"""Declaring metrics: counters, gauges and histograms that processes share, and gauges that a callback observes.

A metric's file is made at its first count, so a process that counts nothing leaves no file behind.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import prometheus_client

from realtime.telemetry import multiprocess

M = TypeVar("M", prometheus_client.Counter, prometheus_client.Gauge, prometheus_client.Histogram)
LabelValues = tuple[str, ...]
Callback = Callable[[], float | Mapping[LabelValues, float]]

CARDINALITY_LIMIT = 1000
"""Series of one metric. Any further one is counted as `other`."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets for durations of the machine's own work."""


@dataclass
class Instrument:
    """The declaration of a metric.

    Attributes:
        name: its name in Prometheus.
        kind: `counter`, `gauge` or `histogram`.
        help: a sentence that describes it.
        label_names: the names of its labels.
    """

    name: str
    kind: str
    help: str
    label_names: LabelValues


INSTRUMENTS: dict[str, Instrument] = {}
"""All declared metrics by name."""
CALLBACKS: dict[str, Callback] = {}
"""The callbacks of observable gauges by name."""

_making = threading.RLock()


@dataclass
class SynchronousInstrument(Instrument, Generic[M]):
    """A metric that processes count. Made by the functions below."""

    make: Callable[[], M]
    _made: M | None = None
    _series: dict[LabelValues, M] = field(default_factory=dict)

    def labels(self, *values: str) -> M:
        """The series with these label values. Safe from any thread.

        Args:
            *values: the values in the order of the labels. They are from a small set that the code knows, never from
                a client or a row.
        """
        series = self._series.get(values)
        return series if series is not None else self._new(values)

    def _new(self, values: LabelValues) -> M:
        with _making:
            multiprocess.join_folder()
            if self._made is None:
                self._made = self.make()
            if len(self._series) >= CARDINALITY_LIMIT:
                values = ("other",) * len(values)
            series = self._series[values] = self._made.labels(*values) if values else self._made
        multiprocess.warn_if_full()
        return series


def _declare(
    made: type[M], kind: str, name: str, help: str, labels: Sequence[str], **options: Any
) -> SynchronousInstrument[M]:
    if name in INSTRUMENTS:
        raise ValueError(f"the metric {name!r} is declared twice")

    def make() -> M:
        return made(name, help, labels, registry=multiprocess.REGISTRY, **options)

    measure = SynchronousInstrument(name, kind, help, tuple(labels), make)
    INSTRUMENTS[name] = measure
    return measure


def counter(name: str, help: str, *labels: str) -> SynchronousInstrument[prometheus_client.Counter]:
    """Declare a number that only rises.

    Args:
        name: a name that ends in `_total`.
        help: a sentence that describes it.
        *labels: the names of its labels.

    Raises:
        ValueError: the name is taken.
    """
    return _declare(prometheus_client.Counter, "counter", name, help, labels)


def gauge(name: str, help: str, *labels: str) -> SynchronousInstrument[prometheus_client.Gauge]:
    """Declare a number that rises and falls. The machine's value is the sum over its running processes.

    Raises:
        ValueError: the name is taken.
    """
    return _declare(prometheus_client.Gauge, "gauge", name, help, labels, multiprocess_mode="livesum")


def histogram(
    name: str, help: str, *labels: str, buckets: Sequence[float] = SECONDS
) -> SynchronousInstrument[prometheus_client.Histogram]:
    """Declare a distribution of measurements.

    Args:
        name: a name that ends in the unit.
        help: a sentence that describes it.
        *labels: the names of its labels.
        buckets: the upper bounds of the buckets, in that unit.

    Raises:
        ValueError: the name is taken.
    """
    return _declare(prometheus_client.Histogram, "histogram", name, help, labels, buckets=buckets)


def observable_gauge(name: str, help: str, *labels: str) -> Callable[[Callback], Callback]:
    """Decorator: `function()` returns a number, or {label values: number}, whenever metrics are read.

    It is for what the database knows of the whole deployment. It is called in a thread, and may use the database.

    Raises:
        ValueError: the name is taken.
    """
    if name in INSTRUMENTS:
        raise ValueError(f"the metric {name!r} is declared twice")
    INSTRUMENTS[name] = Instrument(name, "gauge", help, labels)

    def register(function: Callback) -> Callback:
        CALLBACKS[name] = function
        return function

    return register
