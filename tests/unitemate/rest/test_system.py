"""`/api/system`: what a client needs to start."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from matches import limits
from matches.models import Season
from realtime import conf
from staff.models import HouseRules
from staff.services import house_rules_save

pytestmark = pytest.mark.django_db  # the test client signs out


def test_it_names_the_socket_the_streams_and_the_limits(api, settings):
    body = api().get("/api/system").json()
    assert body["socket_url"] == "ws://testserver/ws/"
    assert body["streams"] == ["operations", "user", "queue", "match"]
    assert body["heartbeat"] == settings.REALTIME_HEARTBEAT
    assert body["poll_interval"] == settings.POLL_INTERVAL
    assert body["limits"] == {
        "lobby": 150,
        "handover": 60,
        "joining": 250,
        "report_grace": 120,
        "match": 2400,
        "late_report": 600,
    }
    assert body["time_scale"] == 1
    assert body["versions"]["protocol"] == "1"
    assert body["address"] == "127.0.0.1"


def test_it_says_what_staff_have_set(api):
    body = api().get("/api/system").json()
    assert (body["house_version"], body["rules"], body["match_hours"]) == (0, {"ja": "", "en": ""}, None)
    house_rules_save(rules=HouseRules(rules_en="Be kind.", lobby=99, match_hours="14:00-02:00"))
    body = api().get("/api/system").json()
    assert (body["house_version"], body["rules"]) == (1, {"ja": "", "en": "Be kind."})
    assert (body["match_hours"], body["limits"]["lobby"], body["limits"]["match"]) == ("14:00-02:00", 99, 2400)


def test_it_says_whether_a_season_runs(api):
    assert api().get("/api/system").json()["season"] is None
    now = timezone.now()
    season = Season.objects.create(name="1", starts_at=now - timedelta(days=1), state="planned")
    assert api().get("/api/system").json()["season"] == {"running": False, "ends_at": None}
    Season.objects.filter(pk=season.pk).update(state="open")
    assert api().get("/api/system").json()["season"] == {"running": True, "ends_at": None}
    Season.objects.filter(pk=season.pk).update(ends_at=datetime(2100, 1, 2, tzinfo=UTC))
    assert api().get("/api/system").json()["season"] == {"running": True, "ends_at": "2100-01-02T00:00:00Z"}
    Season.objects.filter(pk=season.pk).update(ends_at=now - timedelta(hours=1))
    assert api().get("/api/system").json()["season"] == {"running": False, "ends_at": None}


def test_another_configuration_has_another_version(api, settings):
    def version():
        body = api().get("/api/system").json()
        assert body["system_version"] == conf.version()  # as `welcome` says it
        return body["system_version"]

    seen = [version()]
    assert version() == seen[0]
    settings.RELEASE = "v2"
    seen.append(version())
    settings.REALTIME_PUSH = settings.REALTIME_PUSH | {"match": False}
    seen.append(version())
    settings.POLL_INTERVAL += 1
    seen.append(version())
    house_rules_save(rules=HouseRules(rules_en="Be kind."))  # which `house_version` tells
    assert version() == seen[-1]
    assert len(set(seen)) == 4


def test_over_https_the_socket_is_secure_too(api):
    assert api().get("/api/system", secure=True).json()["socket_url"] == "wss://testserver/ws/"


def test_a_kind_that_is_switched_off_is_left_to_polling(api, settings):
    settings.REALTIME_PUSH = settings.REALTIME_PUSH | {"match": False}
    assert api().get("/api/system").json()["streams"] == ["operations", "user", "queue"]


def test_a_simulation_has_shorter_limits_and_says_so(api, settings):
    settings.UNITEMATE_TIME_SCALE = 60.0
    body = api().get("/api/system").json()
    assert body["time_scale"] == 60
    assert body["limits"] == {name: seconds / 60 for name, seconds in limits.SECONDS.items()}


@pytest.mark.parametrize("on", [False, True])
def test_how_to_sign_in(api, settings, on):
    settings.UNITEMATE_DEV_LOGIN = on
    settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE, settings.AUTH0_CLIENT_ID = "", "", ""
    body = api().get("/api/system").json()
    assert (body["dev_login"], body["auth0"]) == (on, None)
    settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE = "example.eu.auth0.com", "https://play.example.com"
    settings.AUTH0_CLIENT_ID = "abc"
    assert api().get("/api/system").json()["auth0"] == {
        "domain": "example.eu.auth0.com",
        "audience": "https://play.example.com",
        "client_id": "abc",
    }


def test_a_client_can_start_while_the_database_is_away(api, monkeypatch):
    house_rules_save(rules=HouseRules(lobby=60))

    def away() -> HouseRules:
        raise OperationalError

    monkeypatch.setattr("unitemate.rest.system.house_rules", away)
    response = api().get("/api/system")
    assert response.status_code == 200
    assert response.json()["limits"]["lobby"] == limits.SECONDS["lobby"]
    assert response.json()["house_version"] != HouseRules.objects.get().version
