"""A Redis cache that tolerates outages: it counts requests, and no request may fail or wait because of that."""

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError, RedisError, TimeoutError

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_AFTER = 5.0
"""Seconds for which Redis is not used after a failure, since each attempt may take a second."""
UNREACHABLE = (ConnectionError, TimeoutError)
"""Any other error comes from a Redis that answers and refuses, such as a replica or one without memory."""


class Outage:
    """The state of an outage in this process. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._failing = ""
        self._refuses = False

    def may_ask(self, *, writes: bool) -> bool:
        """Whether to use Redis now. After a pause one caller tries it, while the others go on without it.

        Args:
            writes: whether the operation writes. After a refused write, a read would not show that writes work again.
        """
        if not self._failing:
            return True
        with self._lock:
            now = monotonic()
            if now < self._until or (self._refuses and not writes):
                return False
            self._until = now + RETRY_AFTER
            return True

    def failed(self, error: RedisError) -> None:
        """Note a failure of Redis. It is logged once, until Redis works again or fails differently."""
        name = type(error).__name__
        with self._lock:
            known, self._failing = self._failing, name
            self._refuses = not isinstance(error, UNREACHABLE)
            self._until = monotonic() + RETRY_AFTER
        if known != name:
            what = "takes no writes" if self._refuses else "cannot be reached"
            logger.error(f"the cache {what}, so that no limit of requests holds: %s", name)  # noqa: G004

    def worked(self) -> None:
        """Note that an operation succeeded."""
        if not self._failing:
            return
        with self._lock:
            self._failing = ""
        logger.warning("the cache works again; limits of requests hold")


_outages: dict[str, Outage] = {}
"""By address, since Django makes a cache object for each thread."""


class ForgivingRedisCache(RedisCache):
    """A cache that is empty while Redis fails: reads find nothing, and writes do nothing.

    So throttles let all callers pass for that time. `check` reports it.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._outage = _outages.setdefault(str(server), Outage())

    def ask(self, operation: Callable[[], T], otherwise: T, *, writes: bool = True) -> T:
        """Run an operation, unless Redis has failed within the last seconds.

        Args:
            operation: the operation.
            otherwise: the result while Redis fails.
            writes: whether the operation writes.
        """
        if not self._outage.may_ask(writes=writes):
            return otherwise
        try:
            answer = operation()
        except RedisError as error:
            self._outage.failed(error)
            return otherwise
        self._outage.worked()
        return answer

    def check(self) -> None:
        """Try a write, even if Redis has failed a moment ago.

        Raises:
            RedisError: the write failed.
        """
        try:
            super().set("check", 1, 60)
        except RedisError as error:
            self._outage.failed(error)
            raise
        self._outage.worked()

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self.ask(lambda: super(ForgivingRedisCache, self).get(key, default, version), default, writes=False)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self.ask(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {}, writes=False)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self.ask(lambda: super(ForgivingRedisCache, self).has_key(key, version), False, writes=False)

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None, **options: Any) -> None:
        self.ask(lambda: super(ForgivingRedisCache, self).set(key, value, timeout, version, **options), None)

    def set_many(self, data: Any, timeout: Any = 300, version: int | None = None) -> list[Any]:
        return self.ask(lambda: super(ForgivingRedisCache, self).set_many(data, timeout, version), [*data])

    def add(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return self.ask(lambda: super(ForgivingRedisCache, self).add(key, value, timeout, version), True)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self.ask(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta)

    def touch(self, key: Any, timeout: Any = 300, version: int | None = None) -> bool:
        return self.ask(lambda: super(ForgivingRedisCache, self).touch(key, timeout, version), False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self.ask(lambda: super(ForgivingRedisCache, self).delete(key, version), False)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self.ask(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        self.ask(lambda: super(ForgivingRedisCache, self).clear(), None)


def check() -> None:
    """Check that the cache counts requests.

    Raises:
        RedisError: it does not.
    """
    cache = caches["default"]
    if isinstance(cache, ForgivingRedisCache):
        cache.check()
