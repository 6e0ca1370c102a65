"""Starting, watching and stopping processes."""

import os
import signal
import time

import pytest

from unitemate.serving import processes

WITHIN = 30.0  # seconds


def until(predicate):
    deadline = time.monotonic() + WITHIN
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_output_is_passed_on_with_its_name_and_the_environment_given():
    heard = []
    with processes.Processes(lambda name, line: heard.append((name, line))) as children:
        children.start(
            "one", "shell", "-v", "0", "-c", "import os; print(os.environ['WORD'])", environment={"WORD": "hi"}
        )
        until(lambda: children.ended() and heard)
        assert heard == [("one", "hi")]
        assert [(child.name, child.process.returncode) for child in children.ended()] == [("one", 0)]


def test_what_does_not_heed_sigterm_is_killed():
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"
    children = processes.Processes()
    children.start("stubborn", "shell", "-v", "0", "-c", stubborn)
    child = children.children["stubborn"]
    until(lambda: list(child.lines) == ["up"])
    began = time.monotonic()
    children.stop(within=0.3)
    assert time.monotonic() - began < 5
    assert child.process.returncode == -signal.SIGKILL
    assert not is_running(child.process.pid)


def test_a_command_that_fails_tells_why():
    processes.run("check", "--verbosity", "0")
    with pytest.raises(RuntimeError, match="Unknown command: 'no_such_command'"):
        processes.run("no_such_command")
