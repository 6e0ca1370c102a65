"""The channel layer of several server processes: Channels' over Redis' PUBLISH and SUBSCRIBE, but for one fault.

A connection that the system gives up with ETIMEDOUT (the host of Redis was gone for so long) looks to redis-py like
a read that has brought nothing yet: the error is a `TimeoutError`. It would be read again and again at full speed, for
ever, and each time remember where: messages never come any more, and the process grows by many MB a second.
"""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from redis.asyncio import client
from redis.exceptions import ConnectionError as LostConnection


class PubSub(client.PubSub):
    """Subscriptions that notice when their connection has broken; the next read makes another, and subscribes anew."""

    async def parse_response(self, *args: Any, **options: Any) -> Any:
        """See `redis.asyncio.client.PubSub.parse_response`.

        Raises:
            redis.exceptions.ConnectionError: the connection has broken.
        """
        response = await super().parse_response(*args, **options)
        connection: Any = self.connection
        reader = getattr(connection, "_reader", None)
        if response is None and reader is not None and (error := reader.exception()) is not None:
            await connection.disconnect(nowait=True)
            raise LostConnection(type(error).__name__)
        return response


class Shard(RedisSingleShardConnection):  # type: ignore[misc]  # Channels is untyped
    """The connections to one Redis."""

    def _ensure_redis(self) -> None:
        if self._redis is None:
            super()._ensure_redis()
            self._pubsub = PubSub(self._redis.connection_pool)  # type: ignore[attr-defined]  # it is there by now


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """See the module."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], Shard):  # it is new
            layer._shards = [Shard(shard.host, layer) for shard in layer._shards]
        return layer
