"""Database work in threads, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
FINISH_WITHIN = 5.0
"""Seconds that work may take to end after its caller was cancelled. A statement takes no longer (see `sessions`)."""
_running: set[Future[Any]] = set()
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="realtime-db")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that uses the database, in a thread.

    Afterwards the thread's connection is closed or goes back to the pool, as at the end of a request.

    Args:
        function, *args, **kwargs: the function and its arguments.

    Raises:
        Exception: the function's own.
    """

    def call() -> T:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    work = _pool.submit(call)
    _running.add(work)
    work.add_done_callback(_running.discard)
    return await asyncio.wrap_future(work)


async def finish(within: float = FINISH_WITHIN) -> None:
    """Wait for work whose caller was cancelled, since its thread goes on.

    Args:
        within: seconds to wait at most. Work that has not begun by then is cancelled.
    """
    if _running:
        _, late = await asyncio.wait(map(asyncio.wrap_future, tuple(_running)), timeout=within)
        for work in late:
            work.cancel()
