"""Declaring figures: counters, gauges and histograms that are shared, and readings that are taken when asked.

Nothing is made before the first count, so that a process which counts nothing leaves nothing behind.
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
"""Series of one figure; what would be one more is counted as `other`."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets for what the machine does; beyond the last something is very wrong."""


@dataclass
class Instrument:
    """What every figure has.

    Attributes:
        name: as Prometheus shows it.
        kind: `counter`, `gauge` or `histogram`.
        help: what it is, in a sentence.
        label_names: the names of its labels.
    """

    name: str
    kind: str
    help: str
    label_names: LabelValues


INSTRUMENTS: dict[str, Instrument] = {}
"""Every figure by its name."""
CALLBACKS: dict[str, Callback] = {}
"""What takes those figures that are read when asked for."""

_making = threading.RLock()


@dataclass
class SynchronousInstrument(Instrument, Generic[M]):
    """A figure that this process adds to. Made by the functions below."""

    make: Callable[[], M]
    _made: M | None = None
    _series: dict[LabelValues, M] = field(default_factory=dict)

    def labels(self, *values: str) -> M:
        """The series with these values of the labels, in their order; safe from any thread.

        Args:
            *values: out of a small set that the code knows; never what a client or a row says.
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
        raise ValueError(f"the figure {name!r} is declared twice")

    def make() -> M:
        return made(name, help, labels, registry=multiprocess.REGISTRY, **options)

    measure = SynchronousInstrument(name, kind, help, tuple(labels), make)
    INSTRUMENTS[name] = measure
    return measure


def counter(name: str, help: str, *labels: str) -> SynchronousInstrument[prometheus_client.Counter]:
    """Declare what only rises.

    Args:
        name: ends in `_total`.
        help: what it is, in a sentence.
        *labels: the names of its labels.
    """
    return _declare(prometheus_client.Counter, "counter", name, help, labels)


def gauge(name: str, help: str, *labels: str) -> SynchronousInstrument[prometheus_client.Gauge]:
    """Declare what rises and falls; the machine's is the sum of what its running processes have."""
    return _declare(prometheus_client.Gauge, "gauge", name, help, labels, multiprocess_mode="livesum")


def histogram(
    name: str, help: str, *labels: str, buckets: Sequence[float] = SECONDS
) -> SynchronousInstrument[prometheus_client.Histogram]:
    """Declare what is measured many times.

    Args:
        name: ends in its unit.
        help: what it is, in a sentence.
        *labels: the names of its labels.
        buckets: upper bounds, in that unit.
    """
    return _declare(prometheus_client.Histogram, "histogram", name, help, labels, buckets=buckets)


def observable_gauge(name: str, help: str, *labels: str) -> Callable[[Callback], Callback]:
    """Decorator: `function()` is asked whenever the figures are read, in a thread that may use the database.

    For what the database knows anyway, and for the whole deployment. It returns a number, or
    {values of the labels: number}.
    """
    if name in INSTRUMENTS:
        raise ValueError(f"the figure {name!r} is declared twice")
    INSTRUMENTS[name] = Instrument(name, "gauge", help, labels)

    def register(function: Callback) -> Callback:
        CALLBACKS[name] = function
        return function

    return register
