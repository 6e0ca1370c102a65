"""The files in deploy/: what systemd, the shell and Compose make of them, and that they agree with one another."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from tests.missing import untested
from tests.test_layout import ORDER, ROOT

pytestmark = pytest.mark.sqlite  # once; no database has a part in it
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("unitemate*.[st]*"))
SERVICES = [name for name in UNITS if name.endswith(".service")]
LASTING = ["unitemate-web@.service", "unitemate-matchmaker.service"]
"""Those that run until they are stopped."""
CURRENT = "/srv/unitemate/current"


def values(unit: str, name: str) -> list[str]:
    """What a unit sets a name to."""
    return re.findall(rf"^{name}=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)


def started(unit: str) -> list[str]:
    """The words of what a unit starts, of a shell's `exec` those."""
    (command,) = values(unit, "ExecStart")
    words = shlex.split(command.replace("$$", "$"))
    return shlex.split(words[2])[1:] if words[:2] == ["/bin/sh", "-c"] else words


def environment_file() -> dict[str, str]:
    """{name: value} of deploy/unitemate.env."""
    lines = (DEPLOY / "unitemate.env").read_text().splitlines()
    parts = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip(chr(34)) for name, value in parts}


# --- settings -------------------------------------------------------------------------------------


def test_the_example_of_the_environment_passes_the_deployment_checks_without_a_word():
    filled = environment_file() | {"SECRET_KEY": "".join(map(chr, range(40, 110))), "AUTH0_CLIENT_ID": "abc"}
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=clean | filled,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "System check identified no issues" in done.stdout + done.stderr


def test_the_example_of_the_environment_has_only_settings_that_there_are():
    readme = (ROOT / "README.md").read_text()
    assert [name for name in environment_file() if f"| `{name}` |" not in readme] == []


# --- systemd --------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_units(tmp_path, unit):
    program = shutil.which("systemd-analyze")
    if program is None:
        untested("NO SYSTEMD: its opinion of the units is NOT tested")
    for path in DEPLOY.glob("unitemate*.[st]*"):
        # What they start is not installed here; something else that can be started stands for it.
        text = re.sub(rf"{CURRENT}/\S*(python|\.sh)", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(text)
    command = [program, "verify", "--man=no", tmp_path / unit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_units_run_what_there_is_as_the_services_own_user(unit):
    text = (DEPLOY / unit).read_text()
    assert "\nUser=unitemate\n" in text
    assert "\nEnvironmentFile=/etc/unitemate.env\n" in text
    program, *arguments = started(unit)
    if program.endswith(".sh"):
        assert os.access(ROOT / program.removeprefix(f"{CURRENT}/"), os.X_OK)
    else:
        assert program in (f"{CURRENT}/.venv/bin/python", "$(pwd -P)/.venv/bin/python")
        asked = subprocess.run([sys.executable, *arguments[:2], "--help"], cwd=ROOT, capture_output=True, text=True)
        assert asked.returncode == 0
        assert [option for option in arguments[2:] if option.startswith("--") and option not in asked.stdout] == []


@pytest.mark.parametrize("unit", LASTING)
def test_what_runs_on_stays_with_its_release_when_the_link_goes_on_to_the_next(tmp_path, unit):
    for release in ("v1", "v2"):
        python = tmp_path / release / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text('#!/bin/sh\necho "$0"\n')
        python.chmod(0o755)
    current = tmp_path / "current"
    current.symlink_to("v1")
    (command,) = values(unit, "ExecStart")
    # PWD as a shell would have it: the way through the link.
    done = subprocess.run(
        shlex.split(command.replace("$$", "$")),
        cwd=current,
        env=os.environ | {"PWD": str(current)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{tmp_path}/v1/.venv/bin/python\n"


@pytest.mark.parametrize("unit", LASTING)
def test_systemd_never_gives_up_what_is_to_run_on(unit):
    assert values(unit, "Restart") == ["always"]
    assert values(unit, "StartLimitIntervalSec") == ["0"]


def test_all_services_are_shut_in_alike():
    names = ("NoNew", "Protect", "Private", "Restrict", "Lock", "Capability", "SystemCall", "RemoveIPC")
    shut_in = {
        unit: [line for line in (DEPLOY / unit).read_text().splitlines() if line.startswith(names)] for unit in SERVICES
    }
    assert len(shut_in) == 4
    expected = shut_in["unitemate-web@.service"]
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "SystemCallFilter=@system-service"} <= set(expected)
    assert [unit for unit, lines in shut_in.items() if lines != expected] == []


def megabytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([MGmg])", text).groups()
    return int(number) * (1024 if unit in "Gg" else 1)


def test_every_service_has_a_bound_of_memory_that_its_work_fits_in():
    bounds = {unit: [megabytes(value) for value in values(unit, "MemoryMax")] for unit in SERVICES}
    assert [unit for unit, found in bounds.items() if len(found) != 1] == []
    (web,) = bounds["unitemate-web@.service"]
    measured = json.loads((ROOT / "bench" / "results.json").read_text())["memory"]["bytes_per_connection"]
    (connections,) = re.findall(r"worker_connections (\d+);", (DEPLOY / "nginx.conf").read_text())
    sockets = int(connections) // 2  # each is a client's and a worker's
    assert web > 200 + 1.5 * sockets * measured / 2**20
    described = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert megabytes(described["web"]["mem_limit"]) == web
    assert [megabytes(described["matchmaker"]["mem_limit"])] == bounds["unitemate-matchmaker.service"]


def test_services_leave_their_folder_as_closed_as_the_document_makes_it():
    (folder,) = re.findall(r"install -d (.*) /var/lib/unitemate ", (ROOT / "docs" / "operations.md").read_text())
    (mode,) = re.findall(r"-m (\d+)", folder)
    modes = {unit: values(unit, "StateDirectoryMode") for unit in SERVICES if values(unit, "StateDirectory")}
    assert len(modes) == 3
    assert {value for found in modes.values() for value in found} == {mode}
    assert all(modes.values())


def test_workers_have_the_time_that_they_take_to_stop():
    from unitemate.serving import server  # noqa: PLC0415

    (seconds,) = re.findall(r"TimeoutStopSec=(\d+)", (DEPLOY / "unitemate-web@.service").read_text())
    assert int(seconds) > server.DRAIN_SECONDS + server.DEPARTURE


# --- restarting in turn ----------------------------------------------------------------------------


class Probed(BaseHTTPRequestHandler):
    """Answers as often with 503 as it was told, then with 200."""

    def do_GET(self) -> None:
        self.server.failures -= 1
        self.send_response(200 if self.server.failures < 0 and self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def probed():
    """Servers that are ready after so many looks: `probed(0, 3)`; their ports."""
    started = []

    def start(*failures: int) -> list[str]:
        for number in failures:
            server = HTTPServer(("127.0.0.1", 0), Probed)
            server.failures = number
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            started.append(server)
        return [str(server.server_port) for server in started]

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def restart(tmp_path):
    """Run restart.sh with a systemctl that only notes what it is told; the status, and the notes."""
    if shutil.which("curl") is None:
        untested("NO CURL: deploy/restart.sh is NOT tested")
    told = tmp_path / "told"
    told.touch()
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    (tmp_path / "systemctl").chmod(0o755)

    def run(*ports: str) -> tuple[int, list[str]]:
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TRIES": "5", "PAUSE": "0"}
        done = subprocess.run([DEPLOY / "restart.sh", *ports], env=environment, capture_output=True, check=False)
        return done.returncode, told.read_text().splitlines()

    return run


def test_workers_are_restarted_when_the_one_before_is_ready(probed, restart):
    first, second = probed(3, 0)
    assert restart(first, second) == (
        0,
        [f"restart unitemate-web@{first}", f"restart unitemate-web@{second}", "try-restart unitemate-matchmaker"],
    )


def test_they_are_asked_at_the_address_that_the_machines_settings_name(probed, restart, tmp_path, monkeypatch):
    (port,) = probed(0)
    settings = tmp_path / "unitemate.env"
    monkeypatch.setenv("ENVIRONMENT", str(settings))
    settings.write_text("SECRET_KEY='a b'\nLISTEN=127.0.0.9\n")  # where nobody listens
    assert restart(port) == (1, [f"restart unitemate-web@{port}"])
    settings.write_text("LISTEN=127.0.0.1\n")
    assert restart(port)[0] == 0


def test_one_that_does_not_become_ready_is_the_last_that_is_touched(probed, restart):
    first, second = probed(1000, 0)
    assert restart(first, second) == (1, [f"restart unitemate-web@{first}"])


def test_without_ports_nothing_is_restarted(restart):
    assert restart() == (2, [])


@pytest.mark.parametrize("script", sorted(path.name for path in DEPLOY.glob("*.sh")))
def test_the_scripts_are_plain_shell(script):
    assert subprocess.run(["sh", "-n", DEPLOY / script], capture_output=True, check=False).returncode == 0
    assert os.access(DEPLOY / script, os.X_OK)


# --- containers -----------------------------------------------------------------------------------


def test_compose_names_what_there_is_and_no_secret():
    described = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert set(described["services"]) == {"migrate", "web", "matchmaker", "database", "redis"}
    readme = (ROOT / "README.md").read_text()
    web = described["services"]["web"]
    assert [name for name in web["environment"] if f"| `{name}` |" not in readme] == []
    assert web["environment"]["SECRET_KEY"] == "${SECRET_KEY:?}"
    assert (DEPLOY / web["build"]["context"] / web["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert described["services"]["matchmaker"]["command"] == ["run_matchmaker"]


def test_containers_count_together():
    described = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    (folder,) = re.findall(r"METRICS_DIR=(\S+)", (DEPLOY / "Dockerfile").read_text())
    for service in (described["services"][name] for name in ("web", "matchmaker")):
        ((volume, place),) = (mounted.split(":") for mounted in service["volumes"])
        assert Path(folder).is_relative_to(place)
        assert volume in described["volumes"]
        assert (volume, service["hostname"]) == ("state", "unitemate")
        assert "METRICS_DIR" not in service["environment"]
        assert service["environment"]["METRICS_TOKEN"] == "${METRICS_TOKEN:?}"


def test_the_dockerfile_copies_all_of_the_service_and_runs_as_nobody_special():
    text = (DEPLOY / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    assert set(ORDER) | {"manage.py", "requirements.txt", "constraints.txt"} == set(" ".join(copied).split())
    assert all((ROOT / name).exists() for name in " ".join(copied).split())
    assert re.search(r"^USER unitemate$", text, re.MULTILINE)
    instructions = {line.split()[0] for line in re.sub(r"\\\n", "", text).splitlines() if line and line[0] != "#"}
    assert instructions <= {
        "FROM",
        "WORKDIR",
        "RUN",
        "COPY",
        "ENV",
        "USER",
        "EXPOSE",
        "ENTRYPOINT",
        "CMD",
        "HEALTHCHECK",
    }


def test_the_proxy_knows_the_sockets_of_the_documented_workers():
    nginx = (DEPLOY / "nginx.conf").read_text()
    words = started("unitemate-web@.service")
    sockets = words[words.index("--unix") + 1]
    assert sockets.startswith(f"/run/{values('unitemate-web@.service', 'RuntimeDirectory')[0]}/")
    ports = re.findall(rf"server unix:{sockets.replace('%i', '([0-9]+)')} ", nginx)
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert ports
    assert [port for port in ports if f"unitemate-web@{port}" not in operations] == []
    assert Path("/srv/unitemate/current/staticfiles").as_posix() in nginx
