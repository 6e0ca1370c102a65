"""Waiting until a predicate about a client is true."""

import asyncio
from collections.abc import Callable


class Waiters:
    """Coroutines that wait for predicates."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def wait_for(self, predicate: Callable[[], bool], within: float | None) -> None:
        """Wait until a predicate is true.

        Raises:
            TimeoutError: it was not true within that many seconds.
            Exception: the predicate's own.
        """
        if predicate():
            return
        waiter = (predicate, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(within):
                await waiter[1]
        finally:
            self._waiting.remove(waiter)

    def wake(self) -> None:
        """Call all predicates again, and let the coroutines go on whose predicate is true."""
        for predicate, future in self._waiting:
            if future.done():
                continue
            try:
                if predicate():
                    future.set_result(None)
            except Exception as error:  # raised in the coroutine that waits
                future.set_exception(error)
