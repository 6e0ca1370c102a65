"""Every service and every staff write reaches the streams, whole and true."""

import inspect
from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

import matches.services
import queue_app.services
import users.services
from matches.matchmaking import propose
from matches.models import Match
from matches.selectors import tickets
from matches.services import (
    match_close,
    match_create,
    match_decide,
    match_hand_host,
    match_report,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
)
from queue_app.models import Entry
from queue_app.services import entries_drop_shut_out, entry_create, entry_delete
from realtime.models import Presence, Worker
from tests.oracle import oracle
from tests.scenes import NOW, at, make_match, players, queue_up, report_all
from users.models import Badge, OwnedBadge, User
from users.services import (
    badge_grant,
    badges_equip,
    discord_update,
    penalty_give,
    penalty_lift,
    profile_update,
    user_ban,
    user_from_claims,
    user_unban,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db):
    return players(1, "Ann")[0]


@pytest.fixture
def badge(db):
    return Badge.objects.create(badge_id="first", name="First")


def own(user) -> str:
    return f"user_{user.user_id}"


def stream_of(match) -> str:
    return f"match_{match.match_id}"


# --- users ---------------------------------------------------------------------------------------


def test_profile_update(ann):
    with oracle(own(ann)) as pushes:
        profile_update(user=ann, trainer_name="Anne", bio="hello")
    assert pushes.of(own(ann)) == 1


def test_profile_update_shows_in_the_open_match():
    match = make_match()
    player = match.seats.first().user
    with oracle(own(player), stream_of(match)):
        profile_update(user=player, trainer_name="renamed")


def test_profile_update_does_not_show_in_a_finished_match():
    match = make_match()
    report_all(match, count=6)
    player = match.seats.first().user
    with oracle(own(player), unchanged=(stream_of(match),)):
        profile_update(user=player, trainer_name="renamed")


def test_profile_update_does_not_undo_a_rating():
    stale = players(1)[0]
    User.objects.filter(pk=stale.pk).update(rate=1700, max_rate=1700)
    with oracle(own(stale)):
        profile_update(user=stale, bio="new")
    assert User.objects.get(pk=stale.pk).rate == 1700


def test_discord_update(ann):
    with oracle(own(ann)):
        discord_update(user=ann, discord_username="ann", discord_avatar_url="")


def test_user_ban_and_unban(ann):
    with oracle(own(ann)):
        user_ban(user=ann, reason="test")
    with oracle(own(ann)):
        user_unban(user=ann)


def test_badge_grant_and_equip(ann, badge):
    with oracle(own(ann)):
        badge_grant(user=ann, badge=badge)
    with oracle(own(ann)):
        badges_equip(user=ann, badge_ids=["first"])
    with oracle(unchanged=(own(ann),)):
        badge_grant(user=ann, badge=badge)


def test_penalty_give_and_lift(ann):
    with oracle(own(ann)):
        penalty = penalty_give(user=ann, points=1, reason="test", until=at(60), now=NOW)
    with oracle(own(ann)):
        penalty_lift(penalty=penalty)


# --- queue ---------------------------------------------------------------------------------------


def test_entry_create_and_delete(ann):
    with oracle("queue", own(ann)) as pushes:
        entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    assert (pushes.of("queue"), pushes.of(own(ann))) == (1, 1)
    with oracle("queue", own(ann)):
        entry_create(user_id=ann.user_id, selected_roles=["TANK", "MIDDLE"], now=NOW)
    with oracle(unchanged=("queue", own(ann))):
        entry_create(user_id=ann.user_id, selected_roles=["TANK", "MIDDLE"], now=NOW)
    with oracle("queue", own(ann)):
        entry_delete(user_id=ann.user_id)


def test_entries_drop_shut_out(ann):
    entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    penalty_give(user=ann, points=1, reason="test", until=at(600), now=NOW)
    with oracle("queue", own(ann)):
        entries_drop_shut_out(now=at(1))


# --- matches -------------------------------------------------------------------------------------


def test_matchmaking_round():
    ten = players()
    queue_up(ten)
    with oracle("queue", *map(own, ten)) as pushes:
        (match,) = matchmaking_round(now=at(60))
    assert pushes.of("queue") == 1
    assert {pushes.of(own(user)) for user in ten} == {1}
    assert match.seats.count() == 10


def test_match_create():
    ten = players()
    queue_up(ten)
    (proposal,) = propose(tickets(at(60)), at(60).timestamp())
    with oracle("queue", *map(own, ten)):
        assert match_create(proposal=proposal, now=at(60)) is not None


def test_match_set_lobby():
    match = make_match()
    with oracle(stream_of(match), unchanged=("queue", own(match.host))) as pushes:
        match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=at(70))
    assert pushes.of(stream_of(match)) == 1


def test_match_hand_host():
    match = make_match()
    other = match.seats.exclude(user=match.host).first().user
    with oracle(stream_of(match)):
        match_hand_host(match_id=match.match_id, user_id=match.host_id, host_user_id=other.user_id, now=at(70))


def test_match_report():
    match = make_match()
    seat = match.seats.first()
    with oracle(stream_of(match), unchanged=("queue",)) as pushes:
        match_report(match_id=match.match_id, user_id=seat.user_id, result="A-win", now=at(600))
    assert pushes.of(stream_of(match)) == 1


@pytest.mark.parametrize("result", ["A-win", "B-win", "invalid"])
def test_match_close_shows_everywhere(result):
    match = make_match()
    ten = [seat.user for seat in match.seats.select_related("user")]
    with oracle(stream_of(match), "queue", *map(own, ten)):
        match_close(match_id=match.match_id, result=result, now=at(600))


def test_match_decide_when_the_time_is_up():
    match = make_match()
    with oracle(stream_of(match), "queue"):
        match_decide(match_id=match.match_id, now=at(3600))


def test_matches_advance_from_joining_to_playing():
    match = make_match()
    match_set_lobby(match_id=match.match_id, user_id=match.host_id, lobby_id="12345678", now=at(70))
    with oracle(stream_of(match)):
        assert matches_advance(now=at(70 + 251)) == 1


def test_a_player_who_queues_again_leaves_the_match_behind():
    match = make_match()
    seat = match.seats.select_related("user").first()
    match_report(match_id=match.match_id, user_id=seat.user_id, result="A-win", now=at(600))
    with oracle(own(seat.user), "queue", unchanged=(stream_of(match),)):
        entry_create(user_id=seat.user_id, selected_roles=["TANK", "SUPPORT"], now=at(601))


def test_presence_shows_in_the_open_match_and_not_in_a_finished_one():
    match = make_match()
    seat = match.seats.select_related("user").first()
    worker = Worker.objects.create(worker_id="w", expires_at=NOW)
    with oracle(stream_of(match), unchanged=(own(seat.user),)):
        Presence.objects.create(worker=worker, owner=seat.user_id)
    report_all(match, count=6)
    with oracle(unchanged=(stream_of(match),)):
        worker.delete()


def test_every_service_stands_here():
    """A new service without a test of what it pushes fails this one."""
    here = inspect.getsource(inspect.getmodule(test_every_service_stands_here))
    services = [
        name
        for module in (users.services, queue_app.services, matches.services)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__.startswith(module.__name__) and not name.startswith("_")
    ]
    # user_from_claims makes an account whose stream nobody can hold yet.
    assert user_from_claims.__name__ in services
    assert [name for name in services if f"{name}(" not in here and name != "user_from_claims"] == []


# --- the admin -----------------------------------------------------------------------------------


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="root"))
    return client


def act(staff, model, action, *objects):
    response = staff.post(
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        {"action": action, "_selected_action": [row.pk for row in objects], "post": "yes"},
        follow=True,
    )
    assert response.status_code == 200


def test_admin_bans_and_unbans(staff, ann):
    with oracle(own(ann)):
        act(staff, User, "ban", ann)
    assert User.objects.get(pk=ann.pk).is_banned
    with oracle(own(ann)):
        act(staff, User, "unban", ann)


def test_admin_removes_an_entry(staff, ann):
    entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    with oracle("queue", own(ann)):
        act(staff, Entry, "delete_selected", Entry.objects.get(pk=ann.pk))
    assert not Entry.objects.exists()


@pytest.mark.parametrize("action", ["decide", "void"])
def test_admin_ends_a_match(staff, action):
    match = make_match()
    with oracle(stream_of(match), "queue"):
        act(staff, Match, action, match)


def test_admin_lifts_a_penalty(staff, ann):
    penalty = penalty_give(user=ann, points=2, reason="test", until=at(600), now=NOW)
    with oracle(own(ann)):
        act(staff, type(penalty), "lift", penalty)


def test_admin_pages_of_every_model_open(staff, badge, ann):
    match = make_match()
    OwnedBadge.objects.create(user=ann, badge=badge)
    match_report(match_id=match.match_id, user_id=match.host_id, result="invalid", now=at(600))
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert staff.get(reverse(f"{name}_changelist")).status_code == 200, model
        for row in model._default_manager.all()[:1]:
            assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, model


def test_admin_change_form_writes_only_what_it_shows(staff, ann):
    page = reverse("admin:users_user_change", args=[ann.pk])
    form = staff.get(page).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    for formset in staff.get(page).context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {f"{management.prefix}-{name}": management[name].value() for name in management.fields}
    User.objects.filter(pk=ann.pk).update(rate=1900, max_rate=1900)
    with oracle(own(ann)):
        response = staff.post(page, {**data, "bio": "by staff"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    ann.refresh_from_db()
    assert (ann.bio, ann.rate) == ("by staff", 1900)


def test_time_between_two_matches_of_a_player_does_not_matter():
    match = make_match()
    report_all(match, count=6)
    ten = [seat.user for seat in match.seats.select_related("user")]
    with oracle("queue", *map(own, ten)):
        queue_up(ten, now=at(700))
        matchmaking_round(now=at(700) + timedelta(seconds=60))
