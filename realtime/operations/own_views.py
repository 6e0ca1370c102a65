"""The views of `realtime`'s own metrics."""

from realtime import metrics
from realtime.operations import views


def show() -> None:
    """Declare the views."""
    views.level("connections", metrics.CONNECTIONS.name)
    views.rate("opened", metrics.OPENED.name)
    views.rate("closed", metrics.CLOSED.name)
    views.level("streams", metrics.STREAMS.name)
    views.level("members", metrics.MEMBERS.name)
    views.level("workers", "unitemate_workers", by="state")
    views.level("releases", "unitemate_workers", by="release")
    views.level("marks", "unitemate_outbox_marks")
    views.level("lag", "unitemate_outbox_lag_seconds")
    views.quantile("push_p50", metrics.PUSH_SECONDS.name, 0.5)
    views.quantile("push_p99", metrics.PUSH_SECONDS.name, 0.99)
    views.count("layer_failures", metrics.LAYER_FAILURES.name)
    views.count("repairs", metrics.REPAIRS.name)
