"""A match voided by staff: its players go back to the queue, or not, as staff choose."""

import pytest

from matches.models import Match, Seat
from matches.services import match_report, match_void
from queue_app.models import Entry
from staff.selectors import audit_of
from tests.scenes import at, make_match, open_lobby
from tests.staff.acting import act, page_of
from users.errors import Conflict
from users.models import Penalty, User
from users.services import user_ban

pytestmark = pytest.mark.django_db


def places(match) -> dict:
    return {seat.user_id: (seat.selected_roles, seat.queued_at) for seat in match.seats.all()}


def test_a_match_voided_by_staff_gives_its_players_their_places_back_and_punishes_nobody():
    match = make_match()
    had = places(match)
    match_void(match_id=match.match_id, now=at(100))
    match.refresh_from_db()
    assert (match.result, match.closed_at) == ("invalid", at(100))
    assert {entry.user_id: (entry.selected_roles, entry.queued_at) for entry in Entry.objects.all()} == had
    assert not Penalty.objects.exists()
    assert not Seat.objects.filter(is_open=True).exists()


def test_but_not_who_has_reported_nor_who_is_shut_out():
    match = make_match()
    reporter, banned, *others = (seat.user for seat in match.seats.all())
    open_lobby(match)
    match_report(match_id=match.match_id, user_id=reporter.pk, result="A-win", now=at(90))
    user_ban(user=banned, reason="x", now=at(95))
    match_void(match_id=match.match_id, now=at(100))
    assert {entry.user_id for entry in Entry.objects.all()} == {other.pk for other in others}


def test_or_not_where_staff_do_not_want_it():
    match = make_match()
    match_void(match_id=match.match_id, put_back=False, now=at(100))
    assert not Entry.objects.exists()
    assert not Seat.objects.filter(is_open=True).exists()


def test_a_match_that_is_done_is_not_voided():
    match = make_match()
    match_void(match_id=match.match_id, now=at(100))
    with pytest.raises(Conflict) as refusal:
        match_void(match_id=match.match_id, now=at(200))
    assert refusal.value.get_codes() == "match_done"
    assert Entry.objects.count() == 10


@pytest.mark.parametrize("chosen", [True, False])
def test_the_form_asks_and_the_log_says_what_was_chosen(client, chosen):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="root"))
    match = make_match()
    form = client.post(page_of(Match, "changelist"), {"action": "void", "_selected_action": [match.pk]}).context["form"]
    assert form["put_back"].value() is True
    act(client, "void", match, **({"put_back": "on"} if chosen else {}))
    assert Entry.objects.count() == (10 if chosen else 0)
    assert audit_of(match).get().changes["put_back"] == [None, chosen]
