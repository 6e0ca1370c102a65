"""`serve`: several server processes behind one address, and the end of all of them."""

import asyncio
import json
import os
import signal

import httpx
import pytest
import websockets
from django.core.management import CommandError, call_command

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


@pytest.mark.sqlite
def test_several_workers_without_a_layer_between_them_are_refused():
    with pytest.raises(CommandError, match="REDIS_URL"):
        call_command("serve", workers=2)
