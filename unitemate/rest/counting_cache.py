"""Counting in one step what happens within a window, in the memory of a process or in Redis."""

import time
from typing import Any, NamedTuple

from django.core.cache.backends.locmem import LocMemCache

from unitemate.rest.redis_cache import ForgivingRedisCache


class Count(NamedTuple):
    """How often something has happened within a window, this time included.

    Attributes:
        number: 0 where nobody can count.
        left: seconds until the window ends and counting starts anew.
    """

    number: int
    left: float


class MemoryCache(LocMemCache):
    """Django's own, which can count: a process for itself alone."""

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
    """The cache in Redis, which can count: for all processes."""

    def count(self, key: str, seconds: int, give_back: str | None = None) -> Count:
        """Count one more of something, in one round trip.

        Args:
            key: what is counted.
            seconds: how long the window is that begins with the first.
            give_back: a key of which one is taken back, which was counted for a window of the same length.

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
