"""The queue over REST: answers, refusals, bad input."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matches.models import Season
from queue_app.models import Entry
from staff.hours import JST
from users.models import Penalty
from users.roles import ROLES, SUPPORT, TANK
from users.times import rfc3339

pytestmark = pytest.mark.django_db
ROLE_BODY = {"selected_roles": [TANK, SUPPORT]}


def test_anybody_may_look_at_the_queue(api, make_user):
    nobody = api()
    before = nobody.get("/api/queue").json()
    assert before["total_waiting"] == 0
    assert before["previous_matched_at"] is None
    assert before["estimated_wait"] == dict.fromkeys(ROLES)
    assert isinstance(before["epoch"], str)
    api(make_user()).post("/api/queue/join", ROLE_BODY)
    after = nobody.get("/api/queue").json()
    assert after["total_waiting"] == 1
    assert (after["epoch"], after["seq"]) == (before["epoch"], before["seq"] + 1)


def test_join_answers_201_then_200(api, make_user):
    client = api(make_user())
    first = client.post("/api/queue/join", ROLE_BODY)
    assert first.status_code == 201
    assert first.json()["in_queue"] is True
    assert first.json()["entry"]["selected_roles"] == [TANK, SUPPORT]
    again = client.post("/api/queue/join", ROLE_BODY)
    assert again.status_code == 200
    assert again.json() == first.json() == client.get("/api/queue/me").json()


def test_leave_answers_200_in_the_queue_or_not(api, make_user):
    client = api(make_user())
    client.post("/api/queue/join", ROLE_BODY)
    for _ in range(2):
        answer = client.post("/api/queue/leave")
        assert (answer.status_code, answer.json()) == (200, {"in_queue": False, "entry": None})
    assert client.get("/api/queue/me").json() == {"in_queue": False, "entry": None}


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/api/queue/me"), ("post", "/api/queue/join"), ("post", "/api/queue/leave")]
)
def test_without_a_token_401(api, method, path):
    answer = getattr(api(), method)(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"]
    assert answer.json()["type"] == "client_error"


BAD_JSON = ["", "null", "[]", "7", '"TANK"', "{", '{"selected_roles": NaN}', "\x00"]
BAD_BODIES = [
    {},
    {"selected_roles": None},
    {"selected_roles": []},
    {"selected_roles": "TANK"},
    {"selected_roles": {"0": "TANK"}},
    {"selected_roles": [TANK]},
    {"selected_roles": [TANK, TANK]},
    {"selected_roles": [TANK, "tank"]},
    {"selected_roles": [TANK, None]},
    {"selected_roles": [TANK, 1]},
    {"selected_roles": [TANK, [SUPPORT]]},
    {"selected_roles": [TANK, {"a": 1}]},
    {"selected_roles": [TANK, "\x00"]},
    {"selected_roles": [*ROLES, TANK]},
    {"selected_roles": [TANK] * 1000},
    {"selected_roles": [TANK, SUPPORT], "user_id": "someone"},
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=str)
def test_bad_bodies_are_answered_400_and_write_nothing(api, make_user, body):
    answer = api(make_user()).post("/api/queue/join", body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
    assert all(set(error) == {"code", "detail", "attr"} for error in answer.json()["errors"])
    assert answer.json()["errors"][0]["attr"].split(".")[0] in ("selected_roles", "user_id")
    assert not Entry.objects.exists()


@pytest.mark.parametrize("text", BAD_JSON, ids=repr)
def test_bodies_that_are_no_json_object_are_answered_400(api, make_user, text):
    answer = api(make_user()).generic("POST", "/api/queue/join", text, content_type="application/json")
    assert answer.status_code == 400
    assert not Entry.objects.exists()


def test_another_content_type_is_answered_415(api, make_user):
    answer = api(make_user()).generic("POST", "/api/queue/join", "selected_roles=TANK", content_type="text/plain")
    assert answer.status_code == 415


def test_other_methods_are_answered_405(api, make_user):
    client = api(make_user())
    assert client.delete("/api/queue").status_code == 405
    assert client.get("/api/queue/join").status_code == 405


def test_refusals_name_their_reason(api, make_user):
    banned = make_user(banned_at=timezone.now())
    penalised = make_user()
    Penalty.objects.create(user=penalised, reason="left", until=timezone.now() + timedelta(hours=1))
    for user, code in ((banned, "banned"), (penalised, "penalty")):
        answer = api(user).post("/api/queue/join", ROLE_BODY)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, code)
    assert not Entry.objects.exists()


def test_refusals_say_until_when(api, make_user, settings):
    out, barred, other = make_user(), make_user(), make_user()
    until = timezone.now() + timedelta(hours=1)
    Penalty.objects.create(user=out, reason="left", until=until)
    Penalty.objects.create(user=out, reason="left", until=until - timedelta(minutes=5))
    Penalty.objects.create(user=barred, reason="left", points=6, until=until)
    told = {user: api(user).post("/api/queue/join", ROLE_BODY).json()["errors"][0] for user in (out, barred)}
    assert told[out]["until"] == rfc3339(until)
    assert "until" not in told[barred]  # until staff lift it
    planned = timezone.now() + timedelta(days=3)
    Season.objects.create(name="later", starts_at=planned + timedelta(days=9))
    Season.objects.create(name="next", starts_at=planned)
    refusal = api(other).post("/api/queue/join", ROLE_BODY).json()["errors"][0]
    assert (refusal["code"], refusal["until"]) == ("no_season", rfc3339(planned))
    Season.objects.all().delete()
    now = timezone.now().astimezone(JST)
    opens = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    settings.MATCH_HOURS = f"{opens:%H}:00-{opens:%H}:30"
    refusal = api(other).post("/api/queue/join", ROLE_BODY).json()["errors"][0]
    assert (refusal["code"], refusal["until"]) == ("closed_hours", rfc3339(opens))


def test_roles_changed_too_soon_say_how_long_to_wait(api, make_user):
    client = api(make_user())
    for roles in (["TANK", "SUPPORT"], ["SUPPORT", "TANK"], ["TANK", "MIDDLE"]):
        answer = client.post("/api/queue/join", {"selected_roles": roles})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (429, "too_soon")
    assert 1 <= int(answer["Retry-After"]) <= 10


def test_a_banned_player_may_still_leave(api, make_user):
    user = make_user()
    api(user).post("/api/queue/join", ROLE_BODY)
    user.banned_at = timezone.now()
    user.save()
    assert api(user).post("/api/queue/leave").status_code == 200
    assert not Entry.objects.exists()
