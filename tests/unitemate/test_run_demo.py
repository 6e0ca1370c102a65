"""`run_demo`: one command from nothing to a running service, and back."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.backend import free_port
from unitemate.management.commands.run_demo import is_taken

pytestmark = pytest.mark.sqlite


@pytest.fixture
def demo(tmp_path):
    """A demo on a fresh database; read its output until it greets."""
    port = free_port()
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite3'}", "PYTHONUNBUFFERED": "1"}
    environment.pop("UNITEMATE_DEV_LOGIN", None)
    process = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_demo", "--port", str(port), "--bots", "1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.url = f"http://127.0.0.1:{port}"
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_greets_and_stops_cleanly(demo, number):
    for line in demo.stdout:
        if f"{demo.url}/?dev=" in line:
            break
    else:
        pytest.fail("it ended without a greeting")
    with httpx.Client(base_url=demo.url, trust_env=False) as http:
        assert http.get("/readyz").status_code == 200
        assert http.get("/").status_code == 200
        assert http.post("/api/auth/dev/login", json={"name": "Red"}).status_code == 200
        assert http.get("/api/badges").json()
    demo.send_signal(number)
    output, _ = demo.communicate(timeout=20)
    assert demo.returncode == 0
    assert "stopped" in output
    assert "Traceback" not in output
    assert not is_taken(int(demo.url.rpartition(":")[2]))


def test_a_taken_port_is_told_before_anything_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken"):
            call_command("run_demo", port=port)
