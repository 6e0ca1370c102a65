"""Waiting for something to become true of what a client holds."""

import asyncio
from collections.abc import Callable


class Waiters:
    """Those who wait for a predicate; `wake` asks their predicates again."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def wait_for(self, predicate: Callable[[], bool], within: float | None) -> None:
        """Return when the predicate holds.

        Raises:
            TimeoutError: it did not hold within that many seconds.
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
        """Let those go on whose predicate holds by now."""
        for predicate, future in self._waiting:
            if future.done():
                continue
            try:
                if predicate():
                    future.set_result(None)
            except Exception as error:  # belongs to the one who waits
                future.set_exception(error)
