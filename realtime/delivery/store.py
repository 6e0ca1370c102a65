"""What the hub reads of the committed state."""

from datetime import timedelta
from typing import NamedTuple, Protocol

from django.db.models.functions import Now

from realtime import metrics
from realtime.database import clock
from realtime.database.batcher import Batcher
from realtime.database.threads import in_thread
from realtime.models import PublishedState
from realtime.protocol import Mirror
from realtime.publishing.publisher import snapshots


class Recent(NamedTuple):
    """What was published of late.

    Attributes:
        heads: stream, epoch and seq of each stream that was.
        outbox_lag: seconds for which the change waits that waits longest to be published.
    """

    heads: list[tuple[str, str, int]]
    outbox_lag: float


class Store(Protocol):
    """Where the hub reads the committed state."""

    async def snapshot(self, stream: str) -> Mirror: ...

    async def recent(self, seconds: float) -> Recent: ...


class Database:
    """The store that the service uses."""

    def __init__(self) -> None:
        self._snapshots = Batcher(snapshots)

    async def snapshot(self, stream: str) -> Mirror:
        """See `publisher.snapshot`."""
        return await self._snapshots(stream)

    async def recent(self, seconds: float) -> Recent:
        """What was published in the last seconds, by the database's clock; it costs what has changed."""
        return await in_thread(_recent, seconds)


def _recent(seconds: float) -> Recent:
    clock.measure_offset()
    heads = PublishedState.objects.filter(published_at__gte=Now() - timedelta(seconds=seconds))
    return Recent(list(heads.values_list("stream", "epoch", "seq")), metrics.outbox_lag())
