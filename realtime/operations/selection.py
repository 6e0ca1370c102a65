"""What `realtime` itself shows of its figures."""

from realtime import metrics
from realtime.operations import shown

shown.level("connections", metrics.CONNECTIONS.name)
shown.rate("opened", metrics.OPENED.name)
shown.rate("closed", metrics.CLOSED.name)
shown.level("streams", metrics.STREAMS.name)
shown.level("members", metrics.MEMBERS.name)
shown.level("workers", "unitemate_workers", by="state")
shown.level("releases", "unitemate_workers", by="release")
shown.level("marks", "unitemate_outbox_marks")
shown.level("lag", "unitemate_outbox_lag_seconds")
shown.quantile("push_p50", metrics.PUSH_SECONDS.name, 0.5)
shown.quantile("push_p99", metrics.PUSH_SECONDS.name, 0.99)
shown.count("layer_failures", metrics.LAYER_FAILURES.name)
shown.count("repairs", metrics.REPAIRS.name)
