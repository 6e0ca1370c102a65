"""Nobody of the staff acts on themselves: not on their account, place, penalty or match, nor by naming themselves."""

import pytest

from matches.models import Match, MatchEvent, Seat
from matches.services import match_replace_player
from queue_app.models import Entry
from staff.models import AuditEntry
from tests.scenes import make_match, players
from tests.staff.acting import act
from tests.staff.scenes import ACTIONS, scene
from users.models import Penalty, User

pytestmark = pytest.mark.django_db
OF_MATCHES = [action for model, action in ACTIONS if model is Match]


@pytest.fixture
def staff(client, make_user):
    user = make_user("organiser", is_staff=True, is_superuser=True)
    client.force_login(user)
    client.user = user
    return client


def everything() -> tuple:
    return tuple(list(model.objects.order_by("pk").values()) for model in (Match, Seat, Entry, Penalty, MatchEvent))


def refused(staff, action, row, **fields) -> None:
    before = everything()
    answer = act(staff, action, row, **fields)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert everything() == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("action", OF_MATCHES)
def test_a_match_in_which_they_have_a_seat_is_decided_by_others(staff, action):
    match, fields, _ = scene(ACTIONS[Match, action])
    own = match.seats.exclude(user=match.host_id).exclude(user__in=fields.values()).first()
    Seat.objects.filter(pk=own.pk).update(user=staff.user)
    refused(staff, action, match, **fields)
    shown = staff.get(f"/admin/matches/match/{match.pk}/change/")
    assert shown.context["row_actions"] == []


def test_nor_do_they_once_their_seat_has_gone_to_another(staff, make_user):
    match = make_match()
    own = match.seats.exclude(user=match.host_id).first()
    Seat.objects.filter(pk=own.pk).update(user=staff.user)
    match_replace_player(match_id=match.pk, user_id=staff.user.pk, replacement_user_id=make_user("next").pk)
    refused(staff, "close", match, result="A-win")


def test_nor_do_they_take_a_seat(staff):
    match = make_match()
    refused(staff, "replace", match, player=match.seats.first().user_id, replacement=staff.user.pk)


def test_their_place_in_the_queue_and_their_penalty_are_others_to_take(staff):
    entry = Entry.objects.create(user=staff.user, selected_roles=["TANK", "SUPPORT"])
    refused(staff, "remove", entry)
    refused(staff, "lift", Penalty.objects.create(user=staff.user, points=1, reason="x"))


@pytest.mark.parametrize("action", [action for model, action in ACTIONS if model is User and action != "revoke_badge"])
def test_their_account(staff, action):
    _, fields, _ = scene(ACTIONS[User, action])
    refused(staff, action, staff.user, **fields)


def test_their_account_is_not_merged_into_another(staff):
    refused(staff, "merge", players(1, "Ann")[0], duplicate=staff.user.pk)


def test_of_several_matches_their_own_alone_is_left_out(staff):
    first, second = make_match(), make_match(players(10, "other"))
    Seat.objects.filter(pk=first.seats.exclude(user=first.host_id).first().pk).update(user=staff.user)
    act(staff, "close", first, second, result="A-win")
    assert [Match.objects.get(pk=match.pk).result for match in (first, second)] == ["", "A-win"]
