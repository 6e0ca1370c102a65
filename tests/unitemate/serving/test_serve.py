"""`manage.py serve` as far as it goes before it serves."""

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from realtime.telemetry import multiprocess
from realtime.telemetry.multiprocess import Folder
from tests.realtime.telemetry.test_multiprocess import Process, of
from unitemate.management.commands import serve


@pytest.fixture(autouse=True)
def served(monkeypatch):
    """What would be served."""
    calls: list[dict] = []
    monkeypatch.setattr(serve, "serve", lambda **options: calls.append(options))
    return calls


def test_a_server_folds_what_ended_processes_have_counted(tmp_path, settings, served):
    settings.METRICS_DIR = str(tmp_path)
    folder = Folder(tmp_path)
    ended = Process(folder)
    ended.count("eggs", 2)
    ended.kill()
    call_command("serve")
    assert list(tmp_path.glob("*.db")) == []
    assert of(folder) == {}  # nobody knows of eggs any more
    assert multiprocess.folder().running() == set()
    assert served == [{"host": "127.0.0.1", "port": 8000, "path": None}]


def test_a_unix_socket_is_one_processs_own(served):
    call_command("serve", "--unix", "/run/x.sock", "--workers", "1")
    assert served[-1]["path"] == "/run/x.sock"
    with override_settings(REDIS_URL="redis://127.0.0.1/0"), pytest.raises(CommandError, match="one process"):
        call_command("serve", "--unix", "/run/x.sock", "--workers", "2")
    assert len(served) == 1


def test_a_folder_that_cannot_be_used_keeps_no_server_from_starting(tmp_path, settings, served):
    (tmp_path / "file").touch()
    settings.METRICS_DIR = str(tmp_path / "file" / "figures")
    call_command("serve")
    assert len(served) == 1
