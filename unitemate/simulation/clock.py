"""The evening's clock, which counts simulated seconds."""

import asyncio


class Clock:
    """A clock that starts when it is made, inside a running event loop.

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
        """The real seconds that simulated ones take; at least 0."""
        return max(0.0, seconds / self.speed)

    async def sleep(self, seconds: float) -> None:
        """Sleep for simulated seconds."""
        await asyncio.sleep(self.real(seconds))

    async def until(self, moment: float) -> None:
        """Sleep until a simulated moment; return at once if it has passed."""
        await self.sleep(moment - self.now())
