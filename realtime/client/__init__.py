"""A client of the socket, for programs: it mirrors streams and keeps itself current.

The same state machine as the browser's `client.js`, and without Django, so that it may be used
outside this project::

    async def token(renew: bool) -> str:
        return "..."

    async with Client("wss://example.org/ws/", token) as client:
        await client.wait_for(lambda: client.document("queue") is not None, within=10)
        print(client.document("queue")["total_waiting"])

After its first frame a client sends nothing but what it is asked to and, should an update have
been lost on the way, a `resync`. `docs/protocol.md` says what is promised.
"""

from realtime.client.client import Client
from realtime.client.mirrors import Counters, Mirrors
from realtime.client.types import Refused, State, Timing

__all__ = ["Client", "Counters", "Mirrors", "Refused", "State", "Timing"]
