"""Batches of calls that need the database.

A call on its own is made at once. Calls that come while batches are under way wait, and form the next batch. When
thousands of clients reconnect together, a hundred calls cost one switch to a thread and one round of queries.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from realtime.database.threads import in_thread

K = TypeVar("K")
V = TypeVar("V")

CONCURRENT_BATCHES = 2
"""Batches under way. While one waits for the database, another can be prepared."""
MAX_BATCH = 100
"""Calls in a batch: enough to make the cost of the batch small for each, few enough to be answered soon."""


class Batcher(Generic[K, V]):
    """Turns a function of many keys into a coroutine function of one key.

    Args:
        function: called in a thread with the keys of a batch. It returns their results in the same order.
    """

    def __init__(self, function: Callable[[Sequence[K]], Sequence[V]]) -> None:
        self._function = function
        self._waiting: deque[tuple[K, asyncio.Future[V]]] = deque()
        self._batches: set[asyncio.Task[None]] = set()

    async def __call__(self, key: K) -> V:
        """The function's result for one key. The function is called after this call has begun.

        Raises:
            Exception: the function's own, raised for this key alone.
        """
        result: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, result))
        self._go_on()
        return await result

    def _go_on(self) -> None:
        if self._waiting and len(self._batches) < CONCURRENT_BATCHES:
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            task = asyncio.get_running_loop().create_task(self._serve(batch))
            self._batches.add(task)
            task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._go_on()

    async def _serve(self, batch: list[tuple[K, asyncio.Future[V]]]) -> None:
        batch = [(key, result) for key, result in batch if not result.done()]  # some callers may have given up
        if not batch:
            return
        try:
            values = await in_thread(self._function, [key for key, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                _fail(batch[0][1], error)
            else:  # one by one, so that a bad key fails alone
                for one in batch:
                    await self._serve([one])
        except BaseException:
            for _, result in batch:
                result.cancel()
            raise
        else:
            for (_, result), value in zip(batch, values, strict=True):
                if not result.done():
                    result.set_result(value)


def _fail(result: asyncio.Future[V], error: Exception) -> None:
    if not result.done():
        result.set_exception(error)
