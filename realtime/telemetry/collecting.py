"""Reading all metrics: what the machine's processes have counted, and what callbacks read from the database."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.utils import floatToGoString

from realtime.telemetry import multiprocess
from realtime.telemetry.instruments import CALLBACKS, INSTRUMENTS

logger = logging.getLogger(__name__)

Pairs = tuple[tuple[str, str], ...]
"""Labels with their values."""


def collect() -> list[Metric]:
    """All metrics in the order of declaration. A metric that has not been counted has no samples."""
    counted = {metric.name: metric for metric in _counted()}
    found = []
    for name, instrument in INSTRUMENTS.items():
        if name in CALLBACKS:
            found.append(_read(name))
        elif (metric := counted.get(name.removesuffix("_total"))) is not None:
            found.append(metric)
        else:
            found.append(Metric(name.removesuffix("_total"), instrument.help, instrument.kind))
    return found


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collector())
    return generate_latest(registry)


class _Collector:
    def collect(self) -> Iterator[Metric]:
        return iter(collect())

    def describe(self) -> list[Metric]:
        return []


def _counted() -> Iterator[Metric]:
    if not multiprocess.is_shared():
        yield from multiprocess.REGISTRY.collect()
        return
    try:
        totals = multiprocess.folder().totals()
    except OSError as error:
        logger.warning("the metrics cannot be read: %s", type(error).__name__)
        return
    for kind, keys in totals.items():
        yield from _metrics(kind, keys)


def _metrics(kind: str, keys: Mapping[str, float]) -> Iterator[Metric]:
    """Prometheus' form of the values in the files. There a bucket does not include the ones below it."""
    metrics: dict[str, Metric] = {}
    samples: dict[tuple[str, str, Pairs], float] = defaultdict(float)
    buckets: dict[tuple[str, Pairs], dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for key, value in sorted(keys.items()):
        # During an update two versions may have different help texts for one metric.
        name, sample, labels, text = json.loads(key)
        metrics.setdefault(name, Metric(name, text, kind))
        bound = labels.pop("le", None)
        if bound is not None:
            buckets[name, tuple(labels.items())][float(bound)] += value
        else:
            samples[name, sample, tuple(labels.items())] += value
    for (name, sample, pairs), value in samples.items():
        metrics[name].add_sample(sample, dict(pairs), value)
    for (name, pairs), values in buckets.items():
        below = 0.0
        for bound, value in sorted(values.items()):
            below += value
            metrics[name].add_sample(f"{name}_bucket", dict(pairs) | {"le": floatToGoString(bound)}, below)
        metrics[name].add_sample(f"{name}_count", dict(pairs), below)
    yield from metrics.values()


def _read(name: str) -> Metric:
    """Call a metric's callback. If it fails, as it does without the database, the metric has no sample."""
    instrument = INSTRUMENTS[name]
    metric = Metric(name, instrument.help, "gauge")
    try:
        value = CALLBACKS[name]()
    except Exception as error:
        logger.warning("a metric cannot be read: %s", type(error).__name__)
        return metric
    for values, number in value.items() if isinstance(value, Mapping) else [((), value)]:
        metric.add_sample(name, dict(zip(instrument.label_names, values, strict=True)), number)
    return metric
