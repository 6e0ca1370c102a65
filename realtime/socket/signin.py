"""Sign-in of sockets: tokens are verified in batches, and a slow one does not hold up the others."""

import asyncio

from realtime.database.batcher import Batcher
from realtime.identity import UNAVAILABLE, Deferred, Identity, Rejected, authenticate

ISSUER_TIMEOUT = 6.0
"""Seconds that a token may take if its issuer must be asked first."""


class SignIn:
    """Verifies tokens, in batches.

    Args:
        within: seconds that a token may take if its issuer must be asked first.
    """

    def __init__(self, within: float = ISSUER_TIMEOUT) -> None:
        self._within = within
        self._ask = Batcher(authenticate)

    async def __call__(self, token: str) -> Identity | Rejected:
        """The token's owner, or why it was rejected.

        Raises:
            Exception: the authenticator's own, raised for this token.
        """
        found = await self._ask(token)
        if isinstance(found, Deferred):
            await asyncio.wait((asyncio.wrap_future(found.ready),), timeout=self._within)
            found = await self._ask(token)
        return UNAVAILABLE if isinstance(found, Deferred) else found
