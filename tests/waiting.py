"""Waiting for what another thread or process is about to do, and using the database from coroutines."""

import asyncio
import time
from collections.abc import Callable

from asgiref.sync import sync_to_async

on_database = sync_to_async(thread_sensitive=True)
"""Decorator for functions that use the ORM, to be awaited in a coroutine."""

PATIENCE = 15.0
"""Seconds after which what is waited for is taken not to come."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again until the condition holds.

    Raises:
        AssertionError: it does not within `PATIENCE`.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "what was waited for has not come"
        time.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    """The same in a coroutine; the condition may use the ORM."""
    await asyncio.to_thread(_with_own_connection, condition)


def _with_own_connection(condition: Callable[[], bool]) -> None:
    from django.db import connection  # noqa: PLC0415

    try:
        wait_until(condition)
    finally:
        connection.close()
