"""A client of the socket for programs. It mirrors streams and keeps the mirrors current.

It works like the browser's `client.js`. It does not need Django, so other projects can use it::

    async def token(renew: bool) -> str:
        return "..."

    async with Client("wss://example.org/ws/", token) as client:
        await client.wait_for(lambda: client.document("queue") is not None, within=10)
        print(client.document("queue")["total_waiting"])

After its first frame a client sends what its user asks for, and a `resync` if an update was lost. `docs/protocol.md`
describes the protocol.
"""

from realtime.client.client import Client
from realtime.client.mirrors import Counters, Mirrors
from realtime.client.types import Refused, State, Timing

__all__ = ["Client", "Counters", "Mirrors", "Refused", "State", "Timing"]
