"""`POST /api/matches/{match_id}/void`: who may, what it does, and what stays in the audit log."""

import pytest
from django.contrib.auth.models import Group

from matches.models import Match, Seat
from matches.services import match_replace_player
from queue_app.models import Entry
from staff.models import AuditEntry
from staff.roles import ADMINISTRATOR, ORGANISER
from tests.matches.conftest import UNKNOWN
from tests.scenes import make_match, players, report_all
from tests.staff.acting import act
from users.models import User

pytestmark = pytest.mark.django_db
BODY = {"reason": "the lobby broke down"}


@pytest.fixture
def match(db) -> Match:
    return make_match()


@pytest.fixture
def organiser(make_user) -> User:
    user = make_user("Organiser", is_staff=True)
    user.groups.add(Group.objects.get(name=ORGANISER))
    return user


@pytest.fixture
def void(api, organiser):
    """Ask for it, as an organiser unless somebody else is named."""

    def ask(match_id: str, body=BODY, *, by=organiser):
        return api(by).post(f"/api/matches/{match_id}/void", body)

    return ask


def refused(answer, status: int, code: str, attr: str | None = None) -> None:
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["attr"]) == (status, code, attr)
    assert not AuditEntry.objects.exists()
    assert not Match.objects.filter(result="invalid").exists()


def test_it_closes_the_match_as_invalid_and_puts_the_players_back(void, match):
    answer = void(match.pk)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["result"]) == ("done", "invalid")
    assert set(Entry.objects.values_list("user_id", flat=True)) == {seat.user_id for seat in match.seats.all()}


def test_the_players_are_left_out_of_the_queue_if_staff_say_so(void, match):
    assert void(match.pk, {**BODY, "put_back": False}).json()["result"] == "invalid"
    assert not Entry.objects.exists()


@pytest.mark.parametrize("put_back", [True, False])
def test_the_entry_is_that_of_the_admin_action(void, client, match, organiser, put_back):
    """The same but for the match, and for the moment."""
    other = make_match(players(10, "other"))
    void(match.pk, {**BODY, "put_back": put_back})
    client.force_login(organiser)
    act(client, "void", other, reason=BODY["reason"], **({"put_back": "on"} if put_back else {}))
    of_admin, of_rest = AuditEntry.objects.values()
    assert (of_rest.pop("object_id"), of_admin.pop("object_id")) == (match.pk, other.pk)
    assert of_rest["changes"]["put_back"] == [None, put_back]
    assert of_rest["changes"].keys() == of_admin["changes"].keys()
    for entry in (of_rest, of_admin):
        entry["changes"] = {name: entry["changes"][name] for name in ("put_back", "result", "status")}
        del entry["id"], entry["made_at"]
    assert of_rest == of_admin
    assert (of_rest["actor_id"], of_rest["action"], of_rest["reason"]) == (organiser.pk, "void", BODY["reason"])


@pytest.mark.parametrize("role", [ORGANISER, ADMINISTRATOR])
def test_both_roles_may(void, match, make_user, role):
    user = make_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    assert void(match.pk, by=user).status_code == 200


def test_nobody_else_may(void, match, make_user, organiser):
    refused(void(match.pk, by=None), 401, "not_authenticated")
    refused(void(match.pk, by=make_user("Ann")), 403, "permission_denied")
    refused(void(match.pk, by=match.host), 403, "permission_denied")
    refused(void(match.pk, by=make_user("Helper", is_staff=True)), 403, "permission_denied")
    former = make_user("Former")
    former.groups.add(Group.objects.get(name=ORGANISER))
    refused(void(match.pk, by=former), 403, "permission_denied")
    organiser.banned_at = match.matched_at
    refused(void(match.pk, by=organiser), 403, "banned")


def test_staff_do_not_void_a_match_of_their_own(void, match, organiser, make_user):
    seat = match.seats.exclude(user=match.host).first()
    Seat.objects.filter(pk=seat.pk).update(user=organiser)
    refused(void(match.pk), 403, "own_match")
    match_replace_player(match_id=match.pk, user_id=organiser.pk, replacement_user_id=make_user("next").pk)
    refused(void(match.pk), 403, "own_match")


@pytest.mark.parametrize("match_id", [UNKNOWN, "x", "current"])
def test_there_has_to_be_such_a_match(void, match, match_id):
    refused(void(match_id), 404, "not_found")


def test_a_match_that_is_over_stays_as_it_is(void, match):
    report_all(match, count=6)
    refused(void(match.pk), 409, "match_done")


def test_asking_again_changes_nothing_and_writes_nothing_down(void, match):
    void(match.pk)
    before = list(Match.objects.values()), list(Entry.objects.order_by("pk").values())
    again = void(match.pk)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "match_done")
    assert (list(Match.objects.values()), list(Entry.objects.order_by("pk").values())) == before
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "required", "reason"),
        ({"reason": ""}, "blank", "reason"),
        ({"reason": " \n "}, "blank", "reason"),
        ({"reason": None}, "null", "reason"),
        ({"reason": 1}, "invalid", "reason"),
        ({"reason": "a\0"}, "null_characters_not_allowed", "reason"),
        ({"reason": "x" * 201}, "max_length", "reason"),
        ({**BODY, "put_back": "yes"}, "invalid", "put_back"),
        ({**BODY, "put_back": 1}, "invalid", "put_back"),
        ({**BODY, "put_back": None}, "null", "put_back"),
        ({**BODY, "result": "A-win"}, "unknown_field", "result"),
    ],
)
def test_the_body_has_a_reason_and_nothing_strange(void, match, body, code, attr):
    refused(void(match.pk, body), 400, code, attr)


def test_a_reason_may_be_as_long_as_in_the_admin(void, match):
    assert void(match.pk, {"reason": "理" * 200}).status_code == 200
    assert AuditEntry.objects.get().reason == "理" * 200


def test_what_cannot_be_written_down_is_not_done(void, match, monkeypatch):
    def fail(**kwargs):
        raise LookupError

    monkeypatch.setattr("staff.auditing.audit_record", fail)
    before = Match.objects.values().get()
    with pytest.raises(LookupError):
        void(match.pk)
    assert Match.objects.values().get() == before
    assert not Entry.objects.exists()


def test_what_fails_half_way_is_neither_done_nor_written_down(void, match, monkeypatch):
    def fail(*args, **kwargs):
        raise LookupError

    monkeypatch.setattr("matches.services.voiding.match_notify_void", fail)  # the last step, when the match is closed
    with pytest.raises(LookupError):
        void(match.pk)
    assert Match.objects.get().status == "matched"
    assert not AuditEntry.objects.exists()
