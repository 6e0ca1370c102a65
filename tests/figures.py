"""What this process has counted."""

from realtime.telemetry import multiprocess


def figure(name: str, **labels: str) -> float:
    """The present value of a series of this process; zero before the first count.

    Args:
        name: of the sample, such as `unitemate_push_seconds_count`.
        **labels: all of its labels.
    """
    return multiprocess.REGISTRY.get_sample_value(name, labels) or 0.0
