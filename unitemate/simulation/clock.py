"""The evening's clock: simulated seconds, some number of which pass in each real one."""

import asyncio


class Clock:
    """Starts when it is made, inside a running event loop.

    Args:
        speed: simulated seconds per real second.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._start = asyncio.get_running_loop().time()

    def now(self) -> float:
        """Simulated seconds since the start."""
        return (asyncio.get_running_loop().time() - self._start) * self.speed

    def real(self, seconds: float) -> float:
        """How many real seconds so many simulated ones take; never below 0."""
        return max(0.0, seconds / self.speed)

    async def sleep(self, seconds: float) -> None:
        """Let so many simulated seconds pass."""
        await asyncio.sleep(self.real(seconds))

    async def until(self, moment: float) -> None:
        """Let time pass until a simulated moment; returns at once if it has passed."""
        await self.sleep(moment - self.now())
