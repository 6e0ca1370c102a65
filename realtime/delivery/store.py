"""How the hub reads committed states."""

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
    """What was published lately.

    Attributes:
        heads: the name, epoch and seq of each stream that was published.
        outbox_lag: the age of the oldest change that is not published yet, in seconds.
    """

    heads: list[tuple[str, str, int]]
    outbox_lag: float


class Store(Protocol):
    """What a hub needs to read."""

    async def snapshot(self, stream: str) -> Mirror: ...

    async def recent(self, seconds: float) -> Recent: ...


class Database:
    """The store that reads the database. Snapshots that are asked for together are read together."""

    def __init__(self) -> None:
        self._snapshots = Batcher(snapshots)

    async def snapshot(self, stream: str) -> Mirror:
        """The committed state of a stream, by `publisher.snapshots`."""
        return await self._snapshots(stream)

    async def recent(self, seconds: float) -> Recent:
        """What was published in the last seconds, by the database's clock. The cost grows with what has changed."""
        return await in_thread(_recent, seconds)


def _recent(seconds: float) -> Recent:
    clock.measure_offset()
    heads = PublishedState.objects.filter(published_at__gte=Now() - timedelta(seconds=seconds))
    return Recent(list(heads.values_list("stream", "epoch", "seq")), metrics.outbox_lag())
