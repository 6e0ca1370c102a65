"""`/livez`: the process answers. `/readyz`: it can do its work, or which part cannot."""

import asyncio
import logging
import secrets
import time
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.log import log_response
from redis.exceptions import RedisError

from realtime.database import clock, pooling
from realtime.database.threads import in_thread
from realtime.models import DirtyStream
from realtime.publishing import leases
from realtime.socket.engine import draining
from unitemate.rest import redis_cache

logger = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds that a check may take."""
LAYER_TIMEOUT = 2.0  # seconds
MOST_MARKS = 5_000
"""Dirty streams in the outbox; with more of them something is wrong with the relay."""
ABANDONED = 15.0
"""Seconds for which no relay may lead after a lease has ended. A new leader usually needs less."""
STALE = 2.0
"""Seconds that a change may wait for the relay."""
SKEWED = 5.0
"""Seconds by which this host's clock may differ from the database's: players' deadlines are minutes."""
CHECK_EVERY = 0.1
"""Seconds between checks of a waiting change."""

_channels: WeakKeyDictionary[asyncio.AbstractEventLoop, list[str]] = WeakKeyDictionary()
"""Free channels of earlier checks."""


async def live(request: HttpRequest) -> JsonResponse:
    """Answer without checking anything."""
    return JsonResponse({"status": "ok"})


async def ready(request: HttpRequest) -> JsonResponse:
    """Check the database, the channel layer, the cache, the outbox and the clock; 503 with what fails."""
    checks = {
        "database": _database,
        "channel_layer": _channel_layer,
        "cache": _cache,
        "outbox": _outbox,
        "clock": _clock,
        "server": _server,
    }
    parts = dict(zip(checks, await asyncio.gather(*(_outcome(check) for check in checks.values())), strict=True))
    ok = all(part == "ok" for part in parts.values())
    answer = JsonResponse({"status": "ok" if ok else "failing", **parts}, status=200 if ok else 503)
    if not ok:
        # Having logged it, Django does not do so again, as an error: who asks is told, and a worker on its way out or
        # one that is not there yet has no fault.
        failing = ", ".join(part for part, outcome in parts.items() if outcome != "ok")
        # Names of ours, hence not as an argument, of which the log would show nothing (`scrubbing`).
        log_response(f"not ready: {failing}", response=answer, request=request, logger=logger, level="info")
    return answer


async def _outcome(check: Any) -> str:
    try:
        async with asyncio.timeout(PATIENCE):  # the database's own timeouts are longer than a probe waits
            await check()
    except Exception as error:
        # The type alone: a message may name hosts and users.
        return str(error) if isinstance(error, _Failing) else type(error).__name__
    return "ok"


class _Failing(Exception):
    """A failure whose message may be shown."""


async def _database() -> None:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if connection.vendor == "postgresql" and pooling.is_transaction_pooled():
            raise _Failing(pooling.PROBLEM)

    await in_thread(ask)


async def _channel_layer() -> None:
    """Send a message through the channel layer and receive it.

    A channel that has worked is reused. The layer cannot unsubscribe a channel, so a new one for each
    check would leave a subscription behind.
    """
    layer = get_channel_layer()
    channels = _channels.setdefault(asyncio.get_running_loop(), [])
    token = secrets.token_hex(4)
    async with asyncio.timeout(LAYER_TIMEOUT):
        channel = channels.pop() if channels else await layer.new_channel()
        await layer.send(channel, {"type": "health", "token": token})
        if (await layer.receive(channel))["token"] != token:
            raise _Failing("another message came back")
    channels.append(channel)


async def _cache() -> None:
    try:
        await asyncio.to_thread(redis_cache.check)
    except RedisError as error:
        # It answers but takes no writes, such as a replica. Nothing else would show that rate limits do not work.
        raise _Failing(f"requests are not counted: {type(error).__name__}") from error


async def _outbox() -> None:
    """Check that a relay leads, that not too many changes wait, and that the oldest is published soon."""
    if await in_thread(leases.is_abandoned, "relay", ABANDONED):
        raise _Failing(f"nobody has proved for {ABANDONED:g} s to publish")
    if await in_thread(lambda: DirtyStream.objects.order_by()[MOST_MARKS : MOST_MARKS + 1].exists()):
        raise _Failing(f"more than {MOST_MARKS} changes are not published yet")
    oldest = first = await in_thread(_oldest_mark)
    deadline = time.monotonic() + STALE
    while first is not None and oldest == first:
        if time.monotonic() >= deadline:
            raise _Failing(f"a change waits longer than {STALE:g} s to be published")
        await asyncio.sleep(CHECK_EVERY)
        oldest = await in_thread(_oldest_mark)


def _oldest_mark() -> int | None:
    return DirtyStream.objects.order_by("pk").values_list("pk", flat=True).first()


async def _clock() -> None:
    """Check that this host's clock agrees with the database's, which all hosts use."""
    ahead, doubt = await in_thread(clock.measure_offset)
    if abs(ahead) - doubt > SKEWED:
        side = "behind" if ahead > 0 else "ahead of"
        raise _Failing(f"this host's clock is {abs(ahead):.0f} s {side} the database's")


async def _server() -> None:
    if draining():
        raise _Failing("draining")
