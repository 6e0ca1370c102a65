"""`serve`: several server processes behind one address, and the end of all of them."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack

import httpx
import pytest
import websockets
from django.core.management import CommandError, call_command
from prometheus_client.parser import text_string_to_metric_families

from tests.backend import free_port
from tests.unitemate.processes import children, is_running, process, wait_until_it_answers
from tests.waiting import until, wait_until
from unitemate.management.commands.run_demo import is_taken


@pytest.fixture
def workers(transactional_db):
    """Two workers behind one address."""
    port = free_port()
    with process("manage.py", "serve", "--port", str(port), "--workers", "2") as serving:
        serving.port, serving.url = port, f"http://127.0.0.1:{port}"
        wait_until_it_answers(serving.url)
        wait_until(lambda: len(children(serving.pid)) == 2)
        yield serving


@pytest.mark.postgres
def test_a_worker_that_dies_is_replaced_and_the_address_goes_on_answering(workers):
    first, second = children(workers.pid)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(children(workers.pid)) == 2 and first not in children(workers.pid))
    assert second in children(workers.pid)
    wait_until_it_answers(workers.url)
    # With the other one stopped, it is the new one that answers.
    os.kill(second, signal.SIGSTOP)
    try:
        wait_until_it_answers(workers.url)
    finally:
        os.kill(second, signal.SIGCONT)


@pytest.mark.postgres
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_and_the_clients_are_told_to_come_back(workers, number):
    pids = [workers.pid, *children(workers.pid)]
    async with httpx.AsyncClient(base_url=workers.url, trust_env=False) as http:
        login = (await http.post("/api/auth/dev/login", json={"name": "Ann"})).json()
    async with websockets.connect(f"ws://127.0.0.1:{workers.port}/ws/") as socket:
        await socket.send(json.dumps({"action": "authenticate", "token": login["token"]}))
        assert json.loads(await socket.recv())["action"] == "welcome"
        os.kill(workers.pid, number)
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 1012
        assert "come back in" in socket.close_reason
    await until(lambda: workers.poll() is not None)
    assert workers.returncode == 0
    await until(lambda: not any(is_running(pid) for pid in pids[1:]))
    assert not is_taken(workers.port)


@pytest.mark.postgres
async def test_figures_are_those_of_all_workers_and_outlive_them(workers):
    async with httpx.AsyncClient(base_url=workers.url, trust_env=False) as http:
        login = (await http.post("/api/auth/dev/login", json={"name": "Ann"})).json()

    def shown(name: str) -> float:
        families = text_string_to_metric_families(httpx.get(f"{workers.url}/metrics", trust_env=False).text)
        return sum(sample.value for family in families for sample in family.samples if sample.name == name)

    def figures() -> tuple[float, float]:
        return shown("unitemate_connections"), shown("unitemate_connections_opened_total")

    opened = await asyncio.to_thread(shown, "unitemate_connections_opened_total")
    async with AsyncExitStack() as stack:
        sockets = []
        for _ in range(6):
            socket = await stack.enter_async_context(websockets.connect(f"ws://127.0.0.1:{workers.port}/ws/"))
            sockets.append(socket)
            await socket.send(json.dumps({"action": "authenticate", "token": login["token"]}))
            assert json.loads(await socket.recv())["action"] == "welcome"
        assert await asyncio.to_thread(figures) == (6, opened + 6), [socket.close_code for socket in sockets]
    for pid in children(workers.pid):
        os.kill(pid, signal.SIGKILL)
    await until(lambda: len(children(workers.pid)) == 2)
    await asyncio.to_thread(wait_until_it_answers, workers.url)
    assert await asyncio.to_thread(figures) == (0, opened + 6)


@pytest.mark.sqlite
def test_several_workers_without_a_layer_between_them_are_refused():
    with pytest.raises(CommandError, match="REDIS_URL"):
        call_command("serve", workers=2)
