"""The channel layer of several server processes: Channels' own over Redis, with one fault of redis-py mended.

When the host of Redis is gone for long, the system ends the connection with ETIMEDOUT. Python raises that as a
`TimeoutError`, and redis-py takes it for a read that has brought nothing yet. It then reads the dead connection again
and again at full speed. No message arrives any more, and the tracebacks grow by many MB a second.
"""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisSingleShardConnection
from redis.asyncio import client
from redis.exceptions import ConnectionError as LostConnection


class PubSub(client.PubSub):
    """Subscriptions that notice a broken connection. The next read opens another one and subscribes again."""

    async def parse_response(self, *args: Any, **options: Any) -> Any:
        """Read a response, as in redis-py, and look at the connection if there is none.

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
    """The connections to one Redis server, with these subscriptions."""

    def _ensure_redis(self) -> None:
        if self._redis is None:
            super()._ensure_redis()
            self._pubsub = PubSub(self._redis.connection_pool)  # type: ignore[attr-defined]  # it is there by now


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Channels' layer over PUBLISH and SUBSCRIBE, made of these shards."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], Shard):  # made a moment ago by the parent
            layer._shards = [Shard(shard.host, layer) for shard in layer._shards]
        return layer
