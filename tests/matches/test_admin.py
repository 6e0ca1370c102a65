"""The admin pages of queue and matches: what they show; what they do is in `tests/staff`."""

from datetime import timedelta

import pytest
from django.contrib import messages
from django.test import Client
from django.urls import reverse

from matches.models import Match, MatchEvent, RatingChange, Season
from matches.services import match_close, match_hand_host, match_report, match_set_lobby
from queue_app.models import Entry
from staff.models import AuditEntry
from tests.matches.conftest import NOON
from tests.scenes import open_lobby
from tests.staff.acting import act, page_of
from users.models import User

pytestmark = pytest.mark.django_db
SECONDS = timedelta(seconds=1)


@pytest.fixture
def staff(make_user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_user("staff", is_staff=True, is_superuser=True))
    return client


def test_the_queue_says_who_waits_how_long_for_which_roles(staff, ten):
    page = staff.get(page_of(Entry, "changelist"))
    first = page.context["cl"].result_list[0]
    assert first.user == ten[0]
    assert "Top Lane, Middle, Bottom Lane, Support, Tank" in page.content.decode()
    assert "h " in page.context["cl"].model_admin.waited(first)
    found = staff.get(page_of(Entry, "changelist"), {"q": ten[1].pk}).context["cl"].result_list
    assert [entry.user for entry in found] == [ten[1]]


@pytest.mark.parametrize(
    ("by", "found"), [({"phase__exact": "lobby"}, 1), ({"phase__exact": "done"}, 0), ({"result__exact": "A-win"}, 0)]
)
def test_matches_are_listed_by_phase_and_result(staff, match, by, found):
    assert staff.get(page_of(Match, "changelist"), by).context["cl"].result_count == found


def test_a_match_shows_seats_reports_ratings_and_its_timeline(staff, match, ten):
    host, other = match.host_id, next(user for user in ten if user.pk != match.host_id)
    match_set_lobby(match_id=match.pk, user_id=host, lobby_id="12345678", now=NOON + 10 * SECONDS)
    match_hand_host(match_id=match.pk, user_id=host, host_user_id=other.pk, now=NOON + 20 * SECONDS)
    match_report(match_id=match.pk, user_id=host, result="A-win", violations=[other.pk], now=NOON + 30 * SECONDS)
    match_close(match_id=match.pk, result="B-win", now=NOON + 40 * SECONDS)
    page = staff.get(page_of(Match, "change", match.pk))
    moments = [(moment.after, moment.what, moment.player) for moment in page.context["detail"]["timeline"]]
    name = {user.pk: user.trainer_name for user in ten}
    assert moments == [
        ("0 min 00 s", "matched", ""),
        ("0 min 00 s", "host", name[host]),
        ("0 min 10 s", "lobby 12345678", name[host]),
        ("0 min 20 s", "host", name[other.pk]),
        ("0 min 30 s", "reported A Win, names 1 for misconduct", name[host]),
        ("0 min 40 s", "closed: B Win", ""),
    ]
    shown = page.content.decode()
    for change in RatingChange.objects.filter(match=match):
        assert str(change.rate_after) in shown
    assert "lobby 12345678" in shown


def test_setting_the_same_again_is_no_event(match):
    for _ in range(2):
        match_set_lobby(match_id=match.pk, user_id=match.host_id, lobby_id="12345678", now=NOON)
    assert MatchEvent.objects.filter(kind="lobby").count() == 1


def test_who_holds_which_voice_channels(staff, match):
    page = staff.get(reverse("admin:matches_voice"))
    held = {pair: holder for *pair, holder in page.context["pairs"] if holder for pair in [tuple(pair)]}
    assert held == {(1, 2): match}
    assert match.pk in page.content.decode()
    match_close(match_id=match.pk, result="invalid")
    assert not any(holder for *_, holder in staff.get(reverse("admin:matches_voice")).context["pairs"])


def test_voice_channels_are_for_those_who_see_matches(make_user):
    client = Client()
    client.force_login(make_user("helper", is_staff=True))
    assert client.get(reverse("admin:matches_voice")).status_code == 403


def test_matches_are_decided_and_voided_through_the_services(staff, match, ten):
    open_lobby(match)
    for user in (*ten[:2], ten[5]):
        match_report(match_id=match.match_id, user_id=user.user_id, result="A-win", now=NOON)
    act(staff, "decide", match)
    assert Match.objects.get().result == "A-win"
    assert User.objects.get(pk=ten[0].pk).match_count == 1
    answer = act(staff, "void", match)
    assert [message.level for message in answer.context["messages"]] == [messages.WARNING]
    assert Match.objects.get().result == "A-win"


@pytest.mark.parametrize("result", ["B-win", "invalid"])
def test_results_are_corrected_through_the_service(staff, match, ten, result):
    act(staff, "correct", match, result=result)
    assert Match.objects.get().result == ""
    match_close(match_id=match.match_id, result="A-win")
    act(staff, "correct", match, result=result, reason="both captains say so")
    assert Match.objects.get().result == result
    assert User.objects.get(pk=ten[0].pk).win_count == 0
    entry = AuditEntry.objects.get()
    assert (entry.object_id, entry.changes["result"]) == (match.pk, ["A-win", result])


def test_acting_needs_the_right_to_change_matches(match, make_user):
    client = Client()
    client.force_login(make_user("helper", is_staff=True))
    answer = client.post(
        page_of(Match, "changelist"),
        {"action": "void", "_selected_action": [match.pk], "apply": "1", "audit_reason": "x"},
    )
    assert answer.status_code == 403
    assert Match.objects.get().result == ""


def test_taking_several_players_out_of_the_queue(staff, ten):
    act(staff, "remove", *Entry.objects.filter(user__in=ten[:2]))
    assert Entry.objects.count() == 8
    assert set(AuditEntry.objects.values_list("object_id", flat=True)) == {ten[0].pk, ten[1].pk}


def test_matches_are_not_edited_by_hand(staff, match):
    page = page_of(Match, "change", match.pk)
    assert staff.post(page, {"phase": "playing"}).status_code == 403
    assert staff.get(page_of(Match, "add")).status_code == 403
    assert staff.post(page_of(Match, "delete", match.pk), {"post": "yes"}).status_code == 403


def test_a_season_that_is_over_is_not_changed_and_one_that_has_begun_not_deleted(staff):
    season = Season.objects.create(name="first", starts_at=NOON, ends_at=NOON + SECONDS, state="closed")
    assert staff.post(page_of(Season, "change", season.pk), {"name": "other"}).status_code == 403
    act(staff, "delete", season)
    assert Season.objects.get().name == "first"
