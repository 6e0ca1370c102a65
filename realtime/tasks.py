"""Cancelling tasks in bounded time."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

logger = logging.getLogger(__name__)

CANCEL_TIMEOUT = 1.0
"""Seconds that a task may take to end after each of two cancellations."""


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]], within: float | None = None) -> None:
    """Cancel tasks and wait until they have ended, but not for ever.

    A cancelled task may clean up, and wait for a server that does not answer. A second cancellation ends that wait.
    A task that goes on even then is named in the log, and ends with the process.

    Args:
        tasks: the tasks; those that have ended are ignored.
        within: seconds to wait after each of the two cancellations; `CANCEL_TIMEOUT` unless given.
    """
    within = CANCEL_TIMEOUT if within is None else within
    left = {task for task in tasks if not task.done()}
    for _ in range(2):
        if not left:
            return
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=within)
        for task in ended:
            if not task.cancelled():
                task.exception()  # retrieved, or asyncio would log it as never retrieved
    if left:
        logger.warning("tasks that do not end are left behind: %s", ", ".join(sorted(map(_name, left))))


def _name(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", task.get_name())
