"""Matches, records and seasons over REST: answers, refusals, bad input."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matches.models import Match, Report, Season
from matches.services import match_close, match_create, match_report
from queue_app.services import entry_create
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, UNKNOWN, proposal_of
from users.roles import ROLES, TOP_LANE

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(ten) -> Match:
    """As elsewhere, but made just now: over REST there is no other time."""
    made = match_create(proposal=proposal_of(ten), now=timezone.now())
    assert made is not None
    return made


def code(answer) -> str:
    return answer.json()["errors"][0]["code"]


class TestReading:
    def test_players_and_staff_see_all_of_a_match(self, api, match, ten, make_user):
        mine = api(ten[0]).get("/api/matches/current").json()
        assert mine["match_id"] == match.match_id
        assert mine["vc"] == {"A": 1, "B": 2}
        assert (mine["lobby_id"], mine["result"], mine["rate_deltas"]) == (None, None, None)
        for viewer in (ten[5], make_user(is_staff=True)):
            assert api(viewer).get(f"/api/matches/{match.match_id}").json() == mine

    def test_others_see_the_public_part(self, api, match, ten, make_user):
        banned = ten[3]
        banned.banned_at = timezone.now()
        banned.save()
        Match.objects.update(lobby_id="12345678", phase="joining")
        for viewer in (None, make_user(), banned):
            answer = api(viewer).get(f"/api/matches/{match.match_id}")
            assert answer.status_code == 200
            seen = answer.json()
            private = ("lobby_id", "vc", "host_user_id", "deadline", "report_count")
            assert [seen[name] for name in private] == [None] * 5
            assert seen["players"][ten[0].user_id] == {
                "team": "A",
                "role": TOP_LANE,
                "trainer_name": "p0",
                "tag": None,
                "rate": 1500,
                "badges": [],
                "online": None,
                "reported": None,
                "missing": None,
            }

    def test_without_an_open_match_the_current_one_is_null(self, api, make_user):
        answer = api(make_user()).get("/api/matches/current")
        assert (answer.status_code, answer.content) == (200, b"null")
        assert answer["Content-Type"] == "application/json"

    def test_the_position_rises_with_every_change(self, api, match, ten):
        client = api(ten[0])
        before = client.get("/api/matches/current").json()
        after = client.put(f"/api/matches/{match.match_id}/lobby", {"lobby_id": "12345678"}).json()
        assert (after["epoch"], after["seq"]) == (before["epoch"], before["seq"] + 1)
        assert client.get("/api/matches/current").json() == after

    @pytest.mark.parametrize("match_id", [UNKNOWN, "x", "%00", "%F0%9F%90%8D", "a" * 500, "..%2f", "'--"])
    def test_no_such_match(self, api, ten, match_id):
        for client in (api(), api(ten[0])):
            assert client.get(f"/api/matches/{match_id}").status_code == 404


class TestLifecycle:
    def test_from_lobby_to_result(self, api, match, ten):
        path = f"/api/matches/{match.match_id}"
        lobby = api(ten[0]).put(f"{path}/lobby", {"lobby_id": "ID: ００１１ 2233"})
        assert (lobby.status_code, lobby.json()["lobby_id"], lobby.json()["phase"]) == (200, "00112233", "joining")
        assert api(ten[0]).post(f"{path}/host", {"user_id": ten[5].user_id}).json()["host_user_id"] == ten[5].user_id
        for user in ten[:6]:
            answer = api(user).post(f"{path}/report", {"result": "B-win", "violations": [ten[9].user_id]})
            assert answer.status_code == 200
        done = answer.json()
        assert (done["status"], done["result"], done["report_count"]) == ("done", "B-win", 6)
        assert done["rate_deltas"][ten[0].user_id] == FIRST_LOSS
        assert done["players"][ten[0].user_id]["reported"] is True
        again = api(ten[0]).post(f"{path}/report", {"result": "B-win"})
        assert (again.status_code, again.json()) == (200, done)

    def test_what_one_has_said_oneself_can_be_read_and_nobody_else_learns_of_it(self, api, match, ten, make_user):
        path = f"/api/matches/{match.match_id}"

        def said(user):
            answer = api(user).get(f"{path}/report")
            assert answer.status_code == 200
            return answer.json()

        nothing = {"report": None, "missing": []}
        assert said(ten[0]) == nothing
        api(ten[0]).put(f"{path}/lobby", {"lobby_id": "12345678"})
        api(ten[1]).post(f"{path}/missing", {"user_id": ten[2].user_id})
        report = {"result": "invalid", "reason": "cannot_enter", "violations": [ten[9].user_id]}
        api(ten[1]).post(f"{path}/report", report)
        own = said(ten[1])
        assert own["missing"] == [ten[2].user_id]
        del own["report"]["reported_at"]
        assert own["report"] == report
        assert said(ten[0]) == said(ten[2]) == nothing
        stranger = api(make_user()).get(f"{path}/report")
        assert (stranger.status_code, code(stranger)) == (403, "not_player")
        assert api(ten[0]).get(f"/api/matches/{UNKNOWN}/report").status_code == 404
        assert api().get(f"{path}/report").status_code == 401

    def test_refusals_name_their_reason(self, api, match, ten, make_user):
        path = f"/api/matches/{match.match_id}"
        stranger = make_user()

        def refused(user, method, what, body, status, reason):
            answer = getattr(api(user), method)(f"{path}/{what}", body)
            assert (answer.status_code, code(answer)) == (status, reason)

        refused(ten[1], "put", "lobby", {"lobby_id": "12345678"}, 403, "not_host")
        refused(stranger, "post", "host", {"user_id": stranger.user_id}, 403, "not_player")
        refused(stranger, "post", "report", {"result": "A-win"}, 403, "not_player")
        refused(ten[1], "post", "report", {"result": "A-win"}, 409, "wrong_phase")  # before there is a lobby
        reason = {"result": "invalid", "reason": "lobby_not_made"}
        assert api(ten[1]).post(f"{path}/report", reason).status_code == 200
        assert Report.objects.get().reason == "lobby_not_made"
        refused(ten[1], "post", "report", {"result": "B-win"}, 409, "already_reported")
        refused(ten[0], "post", "host", {"user_id": ten[1].user_id}, 409, "cannot_host")
        match_close(match_id=match.match_id, result="invalid")
        refused(ten[0], "put", "lobby", {"lobby_id": "12345678"}, 409, "match_done")
        refused(ten[0], "post", "host", {"user_id": ten[1].user_id}, 409, "match_done")
        refused(ten[0], "post", "report", {"result": "A-win"}, 409, "match_done")

    def test_a_banned_player_writes_nothing(self, api, match, ten):
        ten[0].banned_at = timezone.now()
        ten[0].save()
        for method, what in WRITES:
            answer = getattr(api(ten[0]), method)(f"/api/matches/{match.match_id}/{what}", GOOD[what])
            assert (answer.status_code, code(answer)) == (403, "banned")


WRITES = [("put", "lobby"), ("post", "host"), ("post", "report")]
GOOD = {"lobby": {"lobby_id": "12345678"}, "host": {"user_id": UNKNOWN}, "report": {"result": "A-win"}}
BAD_BODIES = [
    ("lobby", {}, "lobby_id"),
    ("lobby", {"lobby_id": None}, "lobby_id"),
    ("lobby", {"lobby_id": 12345678}, "lobby_id"),
    ("lobby", {"lobby_id": "1234567"}, "lobby_id"),
    ("lobby", {"lobby_id": "123456789"}, "lobby_id"),
    ("lobby", {"lobby_id": "ID: １２３４"}, "lobby_id"),
    ("lobby", {"lobby_id": "1234\x005678"}, "lobby_id"),
    ("lobby", {"lobby_id": ["12345678"]}, "lobby_id"),
    ("lobby", {"lobby_id": "12345678", "host": "me"}, "host"),
    ("host", {}, "user_id"),
    ("host", {"user_id": None}, "user_id"),
    ("host", {"user_id": ""}, "user_id"),
    ("host", {"user_id": "\x00"}, "user_id"),
    ("host", {"user_id": ["x"]}, "user_id"),
    ("host", {"user_id": "nobodywiththisid"}, "user_id"),
    ("report", {}, "result"),
    ("report", {"result": "draw"}, "result"),
    ("report", {"result": None}, "result"),
    ("report", {"result": ["A-win"]}, "result"),
    ("report", {"result": {"A-win": 1}}, "result"),
    ("report", {"result": "A-win", "violations": None}, "violations"),
    ("report", {"result": "A-win", "violations": "all"}, "violations"),
    ("report", {"result": "A-win", "violations": {"a": 1}}, "violations"),
    ("report", {"result": "A-win", "violations": [1]}, "violations"),
    ("report", {"result": "A-win", "violations": ["nobodywiththisid"]}, "violations"),
    ("report", {"result": "A-win", "violations": ["\x00"]}, "violations"),
    ("report", {"result": "A-win", "violations": ["x"] * 10}, "violations"),
    ("report", {"result": "A-win", "weight": 4}, "weight"),
    ("report", {"result": "invalid", "reason": "no idea"}, "reason"),
    ("report", {"result": "invalid", "reason": None}, "reason"),
    ("report", {"result": "A-win", "reason": "other"}, "reason"),
]


class TestBadInput:
    @pytest.mark.parametrize(("what", "body", "attr"), BAD_BODIES, ids=str)
    def test_bad_bodies_are_answered_400_and_write_nothing(self, api, match, ten, what, body, attr):
        method = {what: method for method, what in WRITES}[what]
        answer = getattr(api(ten[0]), method)(f"/api/matches/{match.match_id}/{what}", body)
        assert answer.status_code == 400
        assert answer.json()["type"] == "validation_error"
        assert answer.json()["errors"][0]["attr"].split(".")[0] == attr
        fresh = Match.objects.get()
        assert (fresh.lobby_id, fresh.host) == ("", ten[0])
        assert not Report.objects.exists()

    @pytest.mark.parametrize("text", ["null", "[]", "7", '"A-win"', "{", "\x00", '{"result": NaN}'], ids=repr)
    @pytest.mark.parametrize(("method", "what"), WRITES)
    def test_bodies_that_are_no_json_object_are_answered_400(self, api, match, ten, method, what, text):
        path = f"/api/matches/{match.match_id}/{what}"
        answer = api(ten[0]).generic(method.upper(), path, text, content_type="application/json")
        assert answer.status_code == 400

    @pytest.mark.parametrize("match_id", [UNKNOWN, "x", "%00", "a" * 500])
    @pytest.mark.parametrize(("method", "what"), WRITES)
    def test_no_such_match(self, api, ten, method, what, match_id):
        assert getattr(api(ten[0]), method)(f"/api/matches/{match_id}/{what}", GOOD[what]).status_code == 404

    @pytest.mark.parametrize(("method", "what"), WRITES)
    def test_without_a_token_401(self, api, match, method, what):
        assert getattr(api(), method)(f"/api/matches/{match.match_id}/{what}", GOOD[what]).status_code == 401

    def test_without_a_token_nothing_of_ones_own(self, api):
        for path in ("/api/matches/current", "/api/users/me/records"):
            assert api().get(path).status_code == 401


class TestRecords:
    def test_finished_matches_come_newest_first_with_what_they_meant(self, api, ten):
        for minute, result in enumerate(("A-win", "B-win", "invalid")):
            for user in ten:
                entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
            now = NOON + timedelta(minutes=minute)
            made = match_create(proposal=proposal_of(ten), now=now)
            match_close(match_id=made.match_id, result=result, now=now)
        page = api(ten[0]).get("/api/users/me/records").json()
        assert page["count"] == 3
        assert [(one["outcome"], one["result"]) for one in page["results"]] == [
            ("invalid", "invalid"),
            ("lost", "B-win"),
            ("won", "A-win"),
        ]
        first = page["results"][-1]
        assert (first["rate_before"], first["rate_after"], first["rate_delta"]) == (1500, 1500 + FIRST_WIN, FIRST_WIN)
        assert (first["team"], first["role"]) == ("A", TOP_LANE)
        assert first["matched_at"] == "2026-01-01T12:00:00Z"
        assert api().get(f"/api/users/{ten[0].user_id}/records").json()["results"] == page["results"]

    def test_open_matches_are_none_yet(self, api, match, ten):
        match_report(match_id=match.match_id, user_id=ten[0].user_id, result="invalid")
        assert api(ten[0]).get("/api/users/me/records").json()["results"] == []

    @pytest.mark.parametrize("user_id", [UNKNOWN, "x", "%00", "a" * 500])
    def test_no_such_player(self, api, db, user_id):
        assert api().get(f"/api/users/{user_id}/records").status_code == 404

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("page=0", 404),
            ("page=2", 404),
            ("page=x", 404),
            ("page=%00", 404),
            ("page_size=x", 200),
            ("page_size=-1", 200),
        ],
    )
    def test_odd_pages(self, api, make_user, query, status):
        assert api(make_user()).get(f"/api/users/me/records?{query}").status_code == status


class TestSeason:
    def test_null_while_none_runs(self, api):
        now = timezone.now()
        Season.objects.create(name="past", starts_at=now - timedelta(days=2), ends_at=now)
        Season.objects.create(name="to come", starts_at=now + timedelta(days=2))
        answer = api().get("/api/seasons/active")
        assert (answer.status_code, answer.content) == (200, b"null")

    def test_the_running_one(self, api):
        start = timezone.now() - timedelta(days=2)
        earlier = {"starts_at": start - timedelta(days=1), "ends_at": start}
        Season.objects.create(name="earlier", state=Season.State.CLOSED, **earlier)
        ends_at = start + timedelta(days=30)
        Season.objects.create(name="running", starts_at=start, ends_at=ends_at, state=Season.State.OPEN)
        season = api().get("/api/seasons/active").json()
        assert set(season) == {"id", "name", "starts_at", "ends_at"}
        assert season["name"] == "running"
