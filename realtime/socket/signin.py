"""Looking at the tokens of sockets: together, and without one that takes long holding the others up."""

import asyncio

from realtime.database.batcher import Batcher
from realtime.identity import UNAVAILABLE, Deferred, Identity, Rejected, authenticate

ISSUER_TIMEOUT = 6.0
"""Seconds that a token may take whose issuer has to be asked first."""


class SignIn:
    """Who a token belongs to, asked by many at once.

    Args:
        within: seconds that a token may take whose issuer has to be asked first.
    """

    def __init__(self, within: float = ISSUER_TIMEOUT) -> None:
        self._within = within
        self._ask = Batcher(authenticate)

    async def __call__(self, token: str) -> Identity | Rejected:
        """Who it is, or why that is not told.

        Raises:
            Exception: what the authenticator raises for this token alone.
        """
        found = await self._ask(token)
        if isinstance(found, Deferred):
            await asyncio.wait((asyncio.wrap_future(found.ready),), timeout=self._within)
            found = await self._ask(token)
        return UNAVAILABLE if isinstance(found, Deferred) else found
