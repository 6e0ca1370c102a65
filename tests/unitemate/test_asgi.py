"""The application under servers: lifespan, addresses, and a server that has no lifespan."""

import asyncio
import json

import httpx
import pytest
import websockets

from realtime.protocol import apply
from tests.backend import free_port
from tests.unitemate.processes import process, wait_until_it_answers
from tests.waiting import on_database
from unitemate.asgi import lifespan
from users.models import User


@pytest.mark.django_db(transaction=True)
async def test_the_engine_lives_as_long_as_the_server():
    scope: dict = {"type": "lifespan", "state": {}}
    inbox: asyncio.Queue = asyncio.Queue()
    outbox: asyncio.Queue = asyncio.Queue()
    running = asyncio.create_task(lifespan(scope, inbox.get, outbox.put))
    async with asyncio.timeout(10):
        await inbox.put({"type": "lifespan.startup"})
        assert await outbox.get() == {"type": "lifespan.startup.complete"}
        engine = scope["state"]["realtime"]
        assert engine.limits.is_open
        mirror = await engine.hub._store.snapshot("queue")
        assert mirror.document["total_waiting"] == 0
        await inbox.put({"type": "lifespan.shutdown"})
        assert await outbox.get() == {"type": "lifespan.shutdown.complete"}
        await running


async def test_there_is_one_socket_address(server):
    for path in ("/", "/ws", "/ws/other/", "/api/queue"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://127.0.0.1:{server.port}{path}")
        assert refused.value.response.status_code == 403


@pytest.fixture
def daphne(transactional_db):
    """The application under Daphne."""
    port = free_port()
    with process("-m", "daphne", "--bind", "127.0.0.1", "--port", str(port), "unitemate.asgi:application") as serving:
        serving.url, serving.socket_url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws/"
        wait_until_it_answers(serving.url)
        yield serving


async def test_under_daphne_the_engine_starts_with_the_first_connection(daphne):
    async with asyncio.timeout(20), httpx.AsyncClient(base_url=daphne.url, trust_env=False) as http:
        login = (await http.post("/api/auth/dev/login", json={"name": "Ann"})).json()
        async with websockets.connect(daphne.socket_url) as socket:
            await socket.send(json.dumps({"action": "authenticate", "token": login["token"]}))
            assert json.loads(await socket.recv())["action"] == "welcome"
            own = f"user_{login['user_id']}"
            mirrors: dict = {}

            async def take() -> None:
                frame = json.loads(await socket.recv())
                if "data" in frame:
                    mirrors[frame["stream"]] = frame["data"]
                elif "changes" in frame:
                    mirrors[frame["stream"]] = apply(mirrors[frame["stream"]], frame["changes"])

            while not {"queue", own} <= mirrors.keys():
                await take()
            # A write of another process, which no signal announces there.
            await on_database(User.objects.filter(pk=login["user_id"]).update)(bio="changed elsewhere")
            while mirrors[own]["bio"] != "changed elsewhere":
                await take()
