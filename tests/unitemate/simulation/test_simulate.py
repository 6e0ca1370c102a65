"""`simulate`: a short evening against a server of its own, from the first arrival to the exit status."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

MANAGE = str(settings.BASE_DIR / "manage.py")


@pytest.mark.sqlite
@pytest.mark.timeout(320)
def test_a_short_evening_holds_and_says_so():
    run = subprocess.run(
        [sys.executable, MANAGE, "simulate", "--players", "30", "--hours", "0.9", "--speed", "240", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,  # it takes half a minute; a busy machine is no failure
    )
    report = json.loads(run.stdout)
    assert run.returncode == 0, report
    assert report["is_good"]
    assert (report["disagreements"], report["stuck"], report["voice_held"], report["faults"]) == ([], [], [], [])
    assert report["players"] == 30
    assert report["matches"] >= 2
    assert report["compared"] >= 60
    assert report["rest_requests"] < report["polling_requests"] / 10
    # What a client sends on the socket after its first frame is nothing, unless something was lost;
    # the pings are the audit's.
    assert set(report["sent"]) <= {"authenticate", "resync", "ping"}
    assert report["sent"]["ping"] == 30


def test_a_server_that_is_not_there_is_told():
    with pytest.raises(CommandError, match="no answer"):
        call_command("simulate", url="http://127.0.0.1:9", players=1, hours=0.1)


def test_another_speed_than_the_servers_is_refused(server):
    with pytest.raises(CommandError, match="UNITEMATE_TIME_SCALE=1"):
        call_command("simulate", url=server.url, speed=100.0, players=1, hours=0.1)
