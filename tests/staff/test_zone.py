"""The admin's times are the house's, and say so."""

import json
from datetime import UTC, datetime

import pytest
from django.contrib.admin.sites import site
from django.db import transaction
from django.forms import SplitDateTimeField

from matches.models import Match, Season
from staff.models import AuditEntry, HouseRules
from staff.zone import NOT_BEFORE
from tests.scenes import make_match, report_all
from tests.staff.acting import act, form_of, page_of
from tests.staff.scenes import ACTIONS, player, scene
from users.models import User

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HERE = "2026-11-24 21:00:00 JST"


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="根"))
    return client


@pytest.fixture(params=["ja", "en"])
def reader(request, staff):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = request.param
    return staff


def text(answer) -> str:
    return answer.content.decode()


def test_every_form_that_asks_for_a_time_names_the_zone_and_has_bounds(rf, staff):
    request = rf.get("/admin/")
    request.user = User.objects.get(subject="staff|root")
    forms = [page.get_form(request).base_fields for page in site._registry.values()]
    for (model, action), make in ACTIONS.items():
        savepoint = transaction.savepoint()
        row, _, _ = scene(make)
        answer = staff.post(page_of(model, "changelist"), {"action": action, "_selected_action": [row.pk]})
        transaction.savepoint_rollback(savepoint)
        forms += [answer.context["form"].fields] if answer.context else []
    times = [field for fields in forms for field in fields.values() if isinstance(field, SplitDateTimeField)]
    assert len(times) >= 4
    assert all("JST" in str(field.help_text) for field in times)
    assert all(NOT_BEFORE in field.validators for field in times)


@pytest.mark.parametrize("time", ["00:00:00", "09:00:00"])
def test_a_time_before_all_times_is_refused(staff, time):
    page = page_of(HouseRules, "change", 1)
    typed = {"announcement_en": "x", "announcement_until_0": "0001-01-01", "announcement_until_1": time}
    answer = staff.post(page, form_of(staff, page) | typed)
    assert list(answer.context["adminform"].form.errors) == ["announcement_until"]


def test_what_is_typed_is_in_the_houses_time_and_what_is_stored_in_utc(staff):
    page = page_of(HouseRules, "change", 1)
    typed = {"announcement_en": "x", "announcement_until_0": "2026-11-24", "announcement_until_1": "21:00:00"}
    assert staff.post(page, form_of(staff, page) | typed).status_code == 302
    assert HouseRules.objects.get().announcement_until == NOON
    assert 'value="21:00:00"' in text(staff.get(page))


def test_times_are_shown_with_their_zone_in_lists_on_pages_and_in_timelines(reader):
    match = make_match()  # a minute after noon
    for answer in (
        reader.get(page_of(Match, "changelist")),
        reader.get(page_of(Match, "change", match.pk)),
        reader.get("/admin/matches/match/voice/"),
    ):
        assert "2026-11-24 21:01:00 JST" in text(answer)
        assert "12:01:00" not in text(answer)


def test_the_audit_log_is_in_words_and_in_the_houses_time(reader, settings):
    user = player()
    act(reader, "give_penalty", user, points="2", told="left", until_0="2026-11-24", until_1="21:00:00")
    entry = AuditEntry.objects.get()
    words = {"ja": "ペナルティを与える", "en": "Give a penalty"}[reader.defaults["HTTP_ACCEPT_LANGUAGE"]]
    for page in (page_of(User, "change", user.pk), page_of(AuditEntry, "change", entry.pk)):
        shown = text(reader.get(page))
        assert HERE in shown
        assert words in shown
    listed = text(reader.get(page_of(AuditEntry, "changelist")))
    rows = listed.split('<table id="result_list">')[1].split("</table>")[0]
    assert words in rows
    for raw in ("give_penalty", "users.user"):
        assert raw not in rows
        assert f">{raw}<" not in listed


def test_lines_of_the_rules_and_values_with_names_are_kept_in_the_log(staff):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = page_of(HouseRules, "change", 1)
    staff.post(page, form_of(staff, page) | {"rules_en": "Be kind.\r\nBe there."})
    assert "Rules (English): – → Be kind." in text(staff.get(page))
    season = Season.objects.create(name="one", starts_at=NOON)
    act(staff, "open", season)
    assert "State: Planned → Open" in text(staff.get(page_of(Season, "change", season.pk)))


def test_the_personal_data_that_is_handed_out_is_in_utc_as_the_players_own(staff):
    user = player()
    answer = staff.post(
        page_of(User, "changelist"),
        {"action": "export", "_selected_action": [user.pk], "apply": "1", "audit_reason": "asked"},
    )
    assert json.loads(answer.content)["account"]["created_at"].endswith("Z")


def test_the_api_goes_on_in_utc(client):
    Season.objects.create(name="one", starts_at=NOON)
    assert client.get("/api/seasons").json()["results"][0]["starts_at"] == "2026-11-24T12:00:00Z"


def test_who_has_not_reported_is_said_in_words_and_of_nobody_once_a_match_is_done(staff):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    match = make_match()
    report_all(match, count=5)
    seats = text(staff.get(page_of(Match, "change", match.pk))).split('id="timeline"')[0]
    assert (seats.count("A Win"), seats.count("not yet")) == (5, 5)
    assert "icon-no" not in seats
    report_all(match, count=6)
    assert "not yet" not in text(staff.get(page_of(Match, "change", match.pk)))


def test_players_of_one_name_are_told_apart_where_one_is_chosen(staff):
    match = make_match()
    User.objects.filter(seats__match=match).update(trainer_name="Ann")
    answer = staff.post(page_of(Match, "changelist"), {"action": "set_host", "_selected_action": [match.pk]})
    for seat in match.seats.all():
        assert f"Ann ({seat.user_id})" in text(answer)
