"""The cache in Redis, which may be away for a while: it counts requests, and no request may fail for that."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Forgets while Redis cannot be reached: reads find nothing, writes do nothing.

    So throttles let callers pass for that time, as if they had not called before.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """See Django's `BaseCache`."""
        try:
            return super().get(key, default, version)
        except RedisError as error:
            return self._forget(error, default)

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None, **options: Any) -> None:
        """See Django's `BaseCache`."""
        try:
            super().set(key, value, timeout, version, **options)
        except RedisError as error:
            self._forget(error, None)

    def _forget(self, error: RedisError, answer: Any) -> Any:
        logger.warning("the cache is away: %s", type(error).__name__)
        return answer
