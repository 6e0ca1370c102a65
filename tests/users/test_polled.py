"""Who polls is there, as who has a socket is."""

from types import SimpleNamespace

import httpx
import pytest
from django.core.asgi import get_asgi_application

from realtime.models import Presence
from realtime.socket.presence import PresenceKeeper
from tests.scenes import make_match, players
from tests.waiting import on_database, until
from users.models import User
from users.services import user_from_claims
from users.tokens import issue_dev_token, verify

pytestmark = pytest.mark.django_db(transaction=True)
POLLED = ["/api/users/me", "/api/queue/me", "/api/matches/current", "/api/matches/{match_id}"]


class Polling:
    """A caller without a socket, at a worker whose engine notes who has been seen."""

    def __init__(self) -> None:
        self.token = issue_dev_token("Ann")[0]
        self.ann = user_from_claims(claims=verify(self.token))
        self.match = make_match([self.ann, *players(9)])
        self.seen: list[str] = []
        self.engine = SimpleNamespace(presence=SimpleNamespace(seen=self.seen.append))

    async def ask(self, path: str, method: str = "get", *, token: bool = True):
        headers = {"Authorization": f"Bearer {self.token}"} if token else {}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://localhost") as client:
            return await client.request(method, path.format(match_id=self.match.pk), headers=headers)

    async def _app(self, scope, receive, send) -> None:
        """The service under a server that hands its engine over in the scope."""
        await get_asgi_application()({**scope, "state": {"realtime": self.engine}}, receive, send)


@pytest.fixture
async def polling():
    return await on_database(Polling)()


@pytest.mark.parametrize("path", POLLED)
async def test_to_read_ones_own_is_a_sign_of_life(polling, path):
    assert (await polling.ask(path)).status_code == 200
    assert polling.seen == [polling.ann.pk]


async def test_nothing_else_is(polling):
    for path in ("/api/queue", "/api/users/ranking", "/api/users/me/profile", "/api/system"):
        assert (await polling.ask(path)).status_code == 200
    await polling.ask("/api/matches/{match_id}", token=False)
    await polling.ask("/api/users/me", "delete")
    assert polling.seen == []


async def test_nor_is_who_is_banned_there(polling):
    await User.objects.filter(pk=polling.ann.pk).aupdate(is_active=False)
    await polling.ask("/api/users/me")
    assert polling.seen == []


async def test_a_player_who_polls_is_online(polling):
    keeper = PresenceKeeper()
    await keeper.start()
    polling.engine.presence = keeper
    try:
        assert not await Presence.objects.filter(owner=polling.ann.pk).aexists()
        await polling.ask("/api/matches/current")
        await until(Presence.objects.filter(owner=polling.ann.pk).exists)
        answer = await polling.ask("/api/matches/current")
        assert answer.json()["players"][polling.ann.pk]["online"] is True
    finally:
        await keeper.stop()
