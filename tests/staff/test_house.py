"""What staff set for everybody holds at once, and is what it should be or refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from matches.hours import match_hours
from matches.limits import SECONDS, limit
from matches.services import match_set_lobby
from queue_app.services import entry_create
from realtime.publishing.publisher import snapshot
from staff.models import HouseRules
from staff.services import house_rules_save
from tests.scenes import NOW, at, make_match, players
from tests.staff.acting import form_of, page_of
from users.errors import Forbidden

pytestmark = pytest.mark.django_db
PAGE = "/admin/staff/houserules/1/change/"


def save(**fields) -> HouseRules:
    return house_rules_save(rules=HouseRules(**fields))


@pytest.fixture
def staff(client, make_user):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def test_without_any_all_is_as_the_service_comes(settings):
    assert {name: limit(name).total_seconds() for name in SECONDS} == SECONDS
    assert match_hours() is None
    settings.MATCH_HOURS = "14:00-02:00"
    assert match_hours().written == "14:00-02:00"


def test_a_time_limit_holds_for_the_next_match_and_the_next_phase():
    save(lobby=60)
    match = make_match(now=at(60))
    assert match.deadline == at(120)
    save(lobby=60, joining=90)
    match_set_lobby(match_id=match.pk, user_id=match.host_id, lobby_id="12345678", now=at(100))
    match.refresh_from_db()
    assert match.deadline == at(190)


def test_limits_are_scaled_in_a_simulation(settings):
    settings.UNITEMATE_TIME_SCALE = 10.0
    save(lobby=60)
    assert limit("lobby") == timedelta(seconds=6)


def test_hours_go_before_those_of_the_environment(settings):
    settings.MATCH_HOURS = "14:00-02:00"
    (ann,) = players(1)
    save(match_hours="10:00-11:00")
    with pytest.raises(Forbidden) as refusal:
        entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"], now=NOW)
    assert refusal.value.get_codes() == "closed_hours"
    save(match_hours="always")
    assert match_hours() is None
    assert entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"], now=NOW)[1]


def test_players_are_told_in_the_queue_stream():
    assert "announcement" not in snapshot("queue").document
    save(announcement_en="Finals at nine", announcement_until=NOW)
    document = snapshot("queue").document
    assert document["announcement"] == {"en": "Finals at nine", "until": "2026-11-24T12:00:00Z"}
    assert document["house_version"] == 1
    save(rules_en="Be kind.")
    document = snapshot("queue").document
    assert ("announcement" in document, document["house_version"]) == (False, 2)


def test_over_rest_as_well(api):
    save(announcement_ja="決勝は21時から")
    assert api().get("/api/queue").json()["announcement"]["ja"] == "決勝は21時から"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lobby", "9"),
        ("lobby", "-1"),
        ("joining", "86401"),
        ("match", "soon"),
        ("report_grace", "1.5"),
        ("match_hours", "14-2"),
        ("match_hours", "14:00-14:00"),
        ("match_hours", "now and then"),
        ("announcement_en", "x" * 301),
        ("rules_ja", "x" * 5001),
        ("announcement_until_0", "tomorrow"),
    ],
)
def test_what_cannot_be_is_refused(staff, field, value):
    answer = staff.post(PAGE, form_of(staff, PAGE) | {field: value})
    assert field.removesuffix("_0") in answer.context["adminform"].form.errors
    assert HouseRules.objects.get().version == 0


def test_staff_change_them_on_one_page(staff):
    assert staff.get(page_of(HouseRules, "changelist")).url == page_of(HouseRules, "change", 1)
    answer = staff.post(PAGE, form_of(staff, PAGE) | {"lobby": "99", "rules_en": "<b>Be</b>\r\nkind."})
    assert answer.status_code == 302
    rules = HouseRules.objects.get()
    assert (rules.version, rules.lobby, rules.rules_en) == (1, 99, "<b>Be</b>\r\nkind.")
    assert staff.get(page_of(HouseRules, "add")).status_code == 403


def test_there_is_one_row():
    save()
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseRules.objects.create(pk=2)
