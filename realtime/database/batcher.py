"""Calls that wait for the database, gathered: what comes while others are served goes as one.

A single call goes at once. When thousands of clients come back together, the calls of a hundred of
them cost one thread hop and one round of queries.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from realtime.database.threads import in_thread

K = TypeVar("K")
V = TypeVar("V")

CONCURRENT_BATCHES = 2
"""Batches under way: while one waits for the database, another may be worked on."""
MAX_BATCH = 100
"""Calls in a batch: enough to make the rest of its cost small, and few enough to be answered soon."""


class Batcher(Generic[K, V]):
    """A function of many keys as a coroutine function of one.

    Args:
        function: called in a thread with the keys of a batch; returns the results in their order.
    """

    def __init__(self, function: Callable[[Sequence[K]], Sequence[V]]) -> None:
        self._function = function
        self._waiting: deque[tuple[K, asyncio.Future[V]]] = deque()
        self._batches: set[asyncio.Task[None]] = set()

    async def __call__(self, key: K) -> V:
        """The function's result for this key, worked out after this call began.

        Raises:
            Exception: what the function raises when it is called with this key alone.
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
        batch = [(key, result) for key, result in batch if not result.done()]  # some may have given up
        if not batch:
            return
        try:
            values = await in_thread(self._function, [key for key, _ in batch])
        except Exception as error:
            if len(batch) == 1:
                _fail(batch[0][1], error)
            else:  # one bad key fails nobody but itself
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
