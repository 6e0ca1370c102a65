"""What the tests of the client share: quick clients of a scripted server, and their tokens."""

import pytest

from realtime.client import Client, Timing
from tests.realtime.client.fake_server import Link

QUICK = Timing(retry_low=0.01, retry_high=0.05, poll=0.02, grace=0.02, handshake=5.0)
WITHIN = 10.0  # seconds; a test that waits this long has failed


class Tokens:
    """Numbered tokens, and whether each was asked for as a fresh one."""

    def __init__(self):
        self.asked = []

    async def __call__(self, renew):
        self.asked.append(renew)
        return f"token {len(self.asked)}"


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def client_of(tokens):
    """Make a client of a fake server: `client_of(server)`; its states are kept in `client.seen`."""

    def make(server, **options):
        seen = []
        options.setdefault("timing", QUICK)
        client = Client(server.url, tokens, state_changed=seen.append, **options)
        client.seen = seen
        return client

    return make


async def live(link: Link):
    """A script: one queue of three."""
    await link.welcome()
    await link.snapshot(1, {"total_waiting": 3})


def waiting(client):
    return (client.document("queue") or {}).get("total_waiting")
