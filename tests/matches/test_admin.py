"""The admin pages of queue and matches: they open, write through services, and write nothing else."""

import pytest
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from matches.models import Match, Season
from matches.services import match_close, match_report
from queue_app.models import Entry
from tests.matches.conftest import NOON
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(make_user) -> Client:
    client = Client()
    client.force_login(make_user("staff", is_staff=True, is_superuser=True))
    return client


def act(client, model: str, action: str, *keys):
    return client.post(
        reverse(f"admin:{model}_changelist"), {"action": action, "_selected_action": keys, "post": "yes"}, follow=True
    )


def test_every_page_opens(staff, match, ten):
    match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", violations=[ten[1].user_id])
    Season.objects.create(name="first", starts_at=NOON)
    assert Match.objects.get().rating_changes.count() == 10
    models = ("queue_app_entry", "matches_match", "matches_report", "matches_season", "matches_ratingchange")
    for model in models:
        assert staff.get(reverse(f"admin:{model}_changelist"), {"q": "p1"}).status_code == 200
    page = staff.get(reverse("admin:matches_match_change", args=[match.pk]))
    assert page.status_code == 200
    assert "A-win" in page.content.decode()


def test_matches_are_decided_and_voided_through_the_services(staff, match, ten):
    for user in ten[:3]:
        match_report(match_id=match.match_id, user_id=user.user_id, result="A-win", now=NOON)
    act(staff, "matches_match", "decide", match.pk)
    assert Match.objects.get().result == "A-win"
    assert User.objects.get(pk=ten[0].pk).match_count == 1
    answer = act(staff, "matches_match", "void", match.pk)
    assert [message.level for message in answer.context["messages"]] == [messages.WARNING]
    assert Match.objects.get().result == "A-win"


def test_voiding_an_open_match(staff, match):
    act(staff, "matches_match", "void", match.pk)
    assert Match.objects.get().result == "invalid"


@pytest.mark.parametrize(
    ("action", "result"), [("correct_a", "A-win"), ("correct_b", "B-win"), ("correct_invalid", "invalid")]
)
def test_results_are_corrected_through_the_service_and_it_is_written_down_by_whom(staff, match, ten, action, result):
    answer = act(staff, "matches_match", action, match.pk)
    assert [message.level for message in answer.context["messages"]] == [messages.WARNING]
    was = "B-win" if result == "A-win" else "A-win"
    match_close(match_id=match.match_id, result=was, now=NOON)
    act(staff, "matches_match", action, match.pk)
    assert Match.objects.get().result == result
    assert User.objects.get(pk=ten[0].pk).win_count == (result == "A-win")
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (match.pk, f"Result corrected from {was} to {result}")


def test_closing_needs_the_right_to_change_matches(match, make_user):
    client = Client()
    client.force_login(make_user("helper", is_staff=True))
    act(client, "matches_match", "void", match.pk)
    assert Match.objects.get().result == ""
    match_close(match_id=match.match_id, result="A-win", now=NOON)
    act(client, "matches_match", "correct_b", match.pk)
    assert Match.objects.get().result == "A-win"


def test_deleting_entries_takes_players_out_of_the_queue(staff, ten):
    act(staff, "queue_app_entry", "delete_selected", ten[0].pk, ten[1].pk)
    assert Entry.objects.count() == 8
    staff.post(reverse("admin:queue_app_entry_delete", args=[ten[2].pk]), {"post": "yes"})
    assert Entry.objects.count() == 7


def test_matches_and_seats_are_not_edited_by_hand(staff, match):
    page = reverse("admin:matches_match_change", args=[match.pk])
    assert staff.post(page, {"phase": "playing"}).status_code == 403
    assert staff.get(reverse("admin:matches_match_add")).status_code == 403
    assert staff.post(reverse("admin:matches_match_delete", args=[match.pk]), {"post": "yes"}).status_code == 403
