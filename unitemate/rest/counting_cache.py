"""Caches that count events within a window in one atomic step, in memory or in Redis."""

import time
from typing import Any, NamedTuple

from django.core.cache.backends.locmem import LocMemCache

from unitemate.rest.redis_cache import ForgivingRedisCache


class Count(NamedTuple):
    """The count of an event within a window, including this one.

    Attributes:
        number: 0 if counting is not possible.
        left: seconds until the window ends.
    """

    number: int
    left: float


class MemoryCache(LocMemCache):
    """Django's in-memory cache with a counter, for one process."""

    _expire_info: dict[str, float | None]

    def count(self, key: str, seconds: int, give_back: str | None = None) -> Count:
        if give_back is not None:
            self._step(give_back, seconds, -1)
        return self._step(key, seconds, 1)

    def _step(self, key: str, seconds: int, delta: int) -> Count:
        while True:
            self.add(key, 0, seconds)
            try:
                number = self.incr(key, delta)
            except ValueError:  # the window ended, or the cache was emptied, between the two
                continue
            ends = self._expire_info.get(self.make_and_validate_key(key)) or time.time()  # type: ignore[attr-defined]
            return Count(number, max(0.0, ends - time.time()))


class RedisCache(ForgivingRedisCache):
    """The Redis cache with a counter, shared by all processes."""

    def count(self, key: str, seconds: int, give_back: str | None = None) -> Count:
        """Count one more event, in one round trip.

        Args:
            key: the event's key.
            seconds: the length of the window, which begins with its first event.
            give_back: a key whose count is reduced by one; its window has the same length.

        Returns:
            The number so far; 0 while Redis fails.
        """
        return self.ask(lambda: self._count(key, seconds, give_back), Count(0, 0.0))

    def _count(self, key: str, seconds: int, give_back: str | None) -> Count:
        client: Any = self._cache.get_client(write=True)  # type: ignore[attr-defined]
        with client.pipeline(transaction=True) as pipeline:
            for name, step in ((give_back, -1), (key, 1)):
                if name is not None:
                    stored = self.make_and_validate_key(name)  # type: ignore[attr-defined]
                    pipeline.set(stored, 0, ex=seconds, nx=True)
                    pipeline.incrby(stored, step)
            pipeline.pttl(stored)
            *_, number, left = pipeline.execute()
        return Count(number, max(0, left) / 1000)
