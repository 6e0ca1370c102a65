"""What the hub reads of the committed state."""

from datetime import datetime
from typing import Protocol

from realtime.gathering import Gathering
from realtime.models import Head
from realtime.protocol import Mirror
from realtime.publisher import currents
from realtime.threads import in_thread


class Store(Protocol):
    """Where the hub reads the committed state."""

    async def current(self, stream: str) -> Mirror: ...

    async def heads_since(self, since: datetime) -> list[tuple[str, str, int]]: ...


class Database:
    """The store that the service uses."""

    def __init__(self) -> None:
        self._currents = Gathering(currents)

    async def current(self, stream: str) -> Mirror:
        """See `publisher.current`."""
        return await self._currents(stream)

    async def heads_since(self, since: datetime) -> list[tuple[str, str, int]]:
        """Read from the index of publication times, so that it costs what has changed."""
        heads = Head.objects.filter(published_at__gte=since).values_list("stream", "epoch", "seq")
        return await in_thread(list, heads)
