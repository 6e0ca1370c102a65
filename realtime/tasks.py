"""Ending tasks in bounded time."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

logger = logging.getLogger(__name__)

CANCEL_TIMEOUT = 1.0
"""Seconds that a cancelled task has to end, and then once more."""


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]], within: float | None = None) -> None:
    """Cancel tasks and wait until they have ended, but not for ever.

    A library may tidy up when it is cancelled, and wait for a server that does not answer: so it is cancelled again,
    which ends that wait. One that goes on even then is left to the end of the process, and named in the log.

    Args:
        tasks: which.
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
                task.exception()  # known, and of no interest any more
    if left:
        logger.warning("tasks that do not end are left behind: %s", ", ".join(sorted(map(_name, left))))


def _name(task: asyncio.Task[Any]) -> str:
    return getattr(task.get_coro(), "__qualname__", task.get_name())
