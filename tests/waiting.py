"""Waiting for what another thread or process is about to do, and using the database from coroutines."""

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

P = ParamSpec("P")
T = TypeVar("T")


def on_database(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorator for functions that use the ORM, to be awaited in a coroutine; no session is left behind."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return _with_own_connection(function, *args, **kwargs)

    return sync_to_async(call, thread_sensitive=True)


PATIENCE = 15.0
"""Seconds after which what is waited for is taken not to come."""


def wait_until(condition: Callable[[], bool], within: float = PATIENCE, every: float = 0.01) -> None:
    """Look again and again until the condition holds.

    Args:
        condition: what to look at.
        within, every: seconds that it may take, and between looks.

    Raises:
        AssertionError: it took longer.
    """
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "what was waited for has not come"
        time.sleep(every)


async def until(condition: Callable[[], bool]) -> None:
    """The same in a coroutine; the condition may use the ORM."""
    await asyncio.to_thread(_with_own_connection, wait_until, condition)


def _with_own_connection(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    from django.db import connection  # noqa: PLC0415

    try:
        return function(*args, **kwargs)
    finally:
        connection.close()
