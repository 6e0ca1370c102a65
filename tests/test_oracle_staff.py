"""Every write of staff reaches the streams, whole and true."""

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse
from django.utils import timezone

from matches.models import Match, Season
from matches.services import (
    match_assign_host,
    match_assign_lobby,
    match_mark_missing,
    match_replace_player,
    match_report,
    match_void,
    season_delete,
    users_merge,
)
from queue_app.models import Entry
from queue_app.services import entry_create
from staff.models import HouseRules
from staff.services import house_rules_save
from tests.oracle import oracle, own, stream_of
from tests.scenes import NOW, at, make_match, players, report_all
from tests.staff.acting import act, form_of, page_of
from tests.staff.scenes import ACTIONS, scene
from users.models import Badge, OwnedBadge, Penalty, User
from users.services import badge_delete, badge_grant, badge_revoke, badges_equip

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="root"))
    return client


# --- services for staff alone --------------------------------------------------------------------------


def test_match_assign_host_and_lobby():
    match = make_match()
    other = match.seats.exclude(user=match.host).first().user
    with oracle(stream_of(match), unchanged=(own(other),)) as pushes:
        match_assign_host(match_id=match.match_id, host_user_id=other.pk, now=at(100))
    assert pushes.of(stream_of(match)) == 1
    with oracle(unchanged=(stream_of(match),)):
        match_assign_host(match_id=match.match_id, host_user_id=other.pk, now=at(101))
    with oracle(stream_of(match)):
        match_assign_lobby(match_id=match.match_id, lobby_id="12345678", now=at(102))
    with oracle(unchanged=(stream_of(match),)):
        match_assign_lobby(match_id=match.match_id, lobby_id="12345678", now=at(103))


def test_match_replace_player(ann):
    match = make_match()
    host = match.host
    match_assign_lobby(match_id=match.match_id, lobby_id="12345678", now=at(100))
    other = match.seats.exclude(user=host).first().user_id
    match_mark_missing(match_id=match.match_id, user_id=other, missing_user_id=host.pk, now=at(101))
    entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"], now=NOW)
    with oracle(stream_of(match), own(host), own(ann), "queue"):
        match_replace_player(match_id=match.match_id, user_id=host.pk, replacement_user_id=ann.pk, now=at(110))


def test_match_void():
    match, other = make_match(), make_match(players(10, "other"))
    with oracle(stream_of(match), "queue", own(match.host)) as pushes:
        match_void(match_id=match.match_id, now=at(100))
    assert pushes.of("queue") == 1
    with oracle(stream_of(other), "queue", own(other.host)):
        match_void(match_id=other.match_id, put_back=False, now=at(100))


def test_users_merge(ann, badge):
    match = make_match()
    report_all(match, count=6)
    other = match.seats.first().user
    fan = match.seats.last().user
    User.objects.filter(pk=fan.pk).update(blocked_user_ids=[other.pk])
    badge_grant(user=other, badge=badge)
    with oracle(own(ann), own(other), stream_of(match)):
        users_merge(keep_user_id=ann.pk, duplicate_user_id=other.pk)


def test_badge_revoke_and_delete(ann, badge):
    badge_grant(user=ann, badge=badge)
    with oracle(own(ann)):
        assert badge_revoke(user=ann, badge=badge)
    with oracle(unchanged=(own(ann),)):
        assert not badge_revoke(user=ann, badge=badge)
    badge_grant(user=ann, badge=badge)
    badges_equip(user=ann, badge_ids=["first"])
    with oracle(own(ann)):
        badge_delete(badge=badge)


def test_season_delete():
    season = Season.objects.create(name="one", starts_at=at(3600))
    with oracle(unchanged=("queue",)):
        season_delete(season=season)
    assert not Season.objects.exists()


def test_house_rules_save():
    with oracle("queue") as pushes:
        house_rules_save(rules=HouseRules(announcement_en="Hello", announcement_until=at(600)))
    assert pushes.of("queue") == 1
    with oracle("queue"):
        house_rules_save(rules=HouseRules(lobby=100))
    with oracle("queue"):
        HouseRules.objects.update(announcement_ja="こんにちは")


# --- the admin's actions -------------------------------------------------------------------------------


def of_the_player(row, fields, subject):
    return [own(subject)]


def of_the_match(row, fields, subject):
    return [stream_of(row)]


def of_the_match_and_the_queue(row, fields, subject):
    return [stream_of(row), "queue"]


STREAMS = {
    (Entry, "remove"): lambda row, fields, subject: ["queue", own(subject)],
    (User, "ban"): of_the_player,
    (User, "give_penalty"): of_the_player,
    (User, "grant_badge"): of_the_player,
    (User, "revoke_badge"): of_the_player,
    (User, "delete_account"): of_the_player,
    (User, "merge"): lambda row, fields, subject: [f"user_{fields['duplicate']}"],
    (Penalty, "lift"): of_the_player,
    (Match, "set_host"): of_the_match,
    (Match, "set_lobby"): of_the_match,
    (Match, "replace"): lambda row, fields, subject: [
        stream_of(row), f"user_{fields['player']}", f"user_{fields['replacement']}",
    ],
    (Match, "decide"): of_the_match_and_the_queue,
    (Match, "close"): of_the_match_and_the_queue,
    (Match, "void"): of_the_match_and_the_queue,
    (Match, "correct"): lambda row, fields, subject: [
        stream_of(row), *(f"user_{seat.user_id}" for seat in row.seats.all()),
    ],
}  # fmt: skip
"""What each action changes, for all of them but those below."""
BELOW = {(User, "unban"), (User, "export"), (Badge, "delete"), (Season, "open"), (Season, "close"), (Season, "delete")}


def test_every_action_stands_here():
    assert STREAMS.keys() | BELOW == ACTIONS.keys()


@pytest.mark.parametrize(("model", "action"), STREAMS)
def test_every_action_is_pushed(staff, model, action):
    row, fields, subject = scene(ACTIONS[model, action])
    with oracle(*STREAMS[model, action](row, fields, subject)):
        act(staff, action, row, **fields)


def test_admin_lets_in_again(staff, ann):
    with oracle(own(ann)):
        act(staff, "ban", ann)
    with oracle(own(ann)):
        act(staff, "unban", ann)


def test_admin_deletes_a_badge(staff, ann, badge):
    badge_grant(user=ann, badge=badge)
    with oracle(own(ann)):
        act(staff, "delete", badge)


def test_admin_opens_and_closes_a_season(staff, ann):
    Season.objects.create(name="earlier", starts_at=NOW, ends_at=at(1), state="closed")
    season = Season.objects.create(name="one", starts_at=timezone.now())
    User.objects.filter(pk=ann.pk).update(rate=1600, max_rate=1600)
    with oracle(own(ann)):
        act(staff, "open", season)
    entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"])
    with oracle(own(ann), "queue"):
        act(staff, "close", season)
    with oracle(unchanged=(own(ann),)):
        act(staff, "open", season)
    season.refresh_from_db()
    assert season.state == "closed"


def test_admin_changes_the_house_rules(staff):
    page = page_of(HouseRules, "change", 1)
    form = form_of(staff, page)
    with oracle("queue"):
        assert staff.post(page, form | {"announcement_en": "Finals at nine"}).status_code == 302
    with oracle("queue"):
        assert staff.post(page, form | {"match": "1800"}).status_code == 302


# --- over REST -----------------------------------------------------------------------------------------


def test_rest_voids_a_match(api, make_user, monkeypatch):
    # To answer with the match is to read its stream, which publishes what is pending; here the relay is to do it.
    monkeypatch.setattr("matches.staff_api.match_fields", lambda match_id: {})
    root = make_user("root", is_staff=True, is_superuser=True)
    match, other, done = make_match(), make_match(players(10, "other")), make_match(players(10, "done"))
    report_all(done, count=6)
    for each, put_back in ((match, True), (other, False)):
        with oracle(stream_of(each), "queue", own(each.host)) as pushes:
            body = {"reason": "no lobby", "put_back": put_back}
            assert api(root).post(f"/api/matches/{each.pk}/void", body).status_code == 200
        assert pushes.of(stream_of(each)) == 1
    with oracle(unchanged=(stream_of(match), stream_of(done), "queue", own(match.host))):
        for over in (match, done):
            assert api(root).post(f"/api/matches/{over.pk}/void", {"reason": "again"}).status_code == 409


# --- the admin's pages ---------------------------------------------------------------------------------


def test_admin_pages_of_every_model_open(staff, badge, ann):
    match = make_match()
    OwnedBadge.objects.create(user=ann, badge=badge)
    match_report(match_id=match.match_id, user_id=match.host_id, result="invalid", now=at(600))
    for model in site._registry:
        assert staff.get(page_of(model, "changelist"), follow=True).status_code == 200, model
        for row in model._default_manager.all()[:1]:
            assert staff.get(page_of(model, "change", row.pk)).status_code == 200, model
    assert staff.get(reverse("admin:index")).status_code == 200


def test_admin_change_form_writes_only_what_it_shows(staff, ann):
    page = page_of(User, "change", ann.pk)
    data = form_of(staff, page)
    User.objects.filter(pk=ann.pk).update(rate=1900, max_rate=1900)
    with oracle(own(ann)):
        response = staff.post(page, {**data, "bio": "by staff"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    ann.refresh_from_db()
    assert (ann.bio, ann.rate) == ("by staff", 1900)
