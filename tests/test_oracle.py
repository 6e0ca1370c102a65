"""Every service reaches the streams, whole and true; what staff do is in `test_oracle_staff`."""

import inspect
import sys

import pytest

import matches.services
import queue_app.services
import staff.services
import users.services
from matches.services import match_report, violations_forget
from queue_app.services import (
    Place,
    entries_clear,
    entries_drop_shut_out,
    entries_put_back,
    entry_create,
    entry_delete,
    entry_remove,
)
from realtime.testing import fresh
from staff.services import audit_forget_actor, audit_prune, audit_record
from tests import test_oracle_matches, test_oracle_staff
from tests.oracle import notice_of, oracle, own, stream_of
from tests.scenes import NOW, at, make_match, open_lobby, players, report_all
from users.models import User
from users.notices import NoticeCode
from users.services import (
    account_delete,
    badge_define,
    badge_grant,
    badges_equip,
    badges_grant,
    discord_update,
    former_accounts_forget,
    notice_give,
    penalties_prune,
    penalty_for_misconduct,
    penalty_give,
    penalty_lift,
    penalty_work_off,
    profile_update,
    user_ban,
    user_from_claims,
    user_unban,
    users_from_claims,
)
from users.times import rfc3339

pytestmark = pytest.mark.django_db


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


def test_account_delete_reaches_the_player_and_those_who_were_met(ann, badge):
    bob, fan = players(1, "Bob")[0], make_match()
    badge_grant(user=ann, badge=badge)
    entry_create(user_id=bob.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    with oracle("queue", own(bob)):
        account_delete(user=bob, now=NOW)
    with oracle(own(ann), unchanged=(stream_of(fan),)):
        account_delete(user=ann, now=NOW)
    assert fresh(own(ann)) is None
    report_all(fan, count=6)
    player = fan.seats.first().user
    with oracle(own(player), stream_of(fan)):
        account_delete(user=player, now=at(1200))
    with oracle(unchanged=(own(player), stream_of(fan))):
        account_delete(user=player, now=at(800))


def test_former_accounts_forget_and_penalties_prune(ann):
    bob = players(1, "Bob")[0]
    penalty_give(user=ann, points=1, reason="test", now=NOW)
    ended = penalty_give(user=bob, points=1, reason="test", now=NOW)
    penalty_lift(penalty=ended, now=NOW)
    account_delete(user=ann, now=NOW)
    with oracle(own(bob), unchanged=(own(ann),)):  # whose notice goes
        assert penalties_prune(before=at(1)) == 2
    with oracle(unchanged=(own(ann), own(bob))):
        assert former_accounts_forget(before=at(1), now=at(1)) == 1


def test_violations_forget():
    match = make_match()
    one, other = match.seats.all()[:2]
    open_lobby(match)
    match_report(match_id=match.pk, user_id=one.user_id, result="A-win", violations=[other.user_id], now=at(600))
    report_all(match, count=6)
    with oracle(unchanged=(stream_of(match), own(one.user), own(other.user))):
        assert violations_forget(before=at(9000)) == 1


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


def test_penalty_for_misconduct(ann):
    with oracle(own(ann)):
        penalty_for_misconduct(user=ann, reason="test", source="a", cause="reported", now=NOW)
    with oracle(unchanged=(own(ann),)):
        penalty_for_misconduct(user=ann, reason="again", source="a", cause="reported", now=NOW)


def test_notice_give(ann):
    with oracle(own(ann)):
        notice_give(user_ids=[ann.user_id], code=NoticeCode.SEAT_REPLACED, now=NOW, match_id="m")
    assert notice_of(ann) == {"code": "seat_replaced", "at": rfc3339(NOW), "match_id": "m"}


def test_penalty_work_off(ann):
    penalty_give(user=ann, points=2, reason="test", now=NOW)
    with oracle(own(ann)):
        assert penalty_work_off(user=ann, now=at(60))
    with oracle(own(ann)):
        assert penalty_work_off(user=ann, now=at(61))
    with oracle(unchanged=(own(ann),)):
        assert not penalty_work_off(user=ann, now=at(62))


def test_badges_grant_of_a_badge_just_defined(ann):
    badge = badge_define(badge_id="new", name="New", earned_by="test", look={}, position=1)
    with oracle(own(ann)):
        badges_grant(badge=badge, user_ids=[ann.user_id], now=NOW)
    with oracle(unchanged=(own(ann),)):
        badges_grant(badge=badge, user_ids=[ann.user_id], now=at(1))


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


def test_entries_put_back(ann):
    bob = players(1, "Bob")[0]
    penalty_give(user=bob, points=1, reason="test", until=at(600), now=NOW)
    place = Place(["TANK", "SUPPORT"], NOW)
    with oracle("queue", own(ann), unchanged=(own(bob),)) as pushes:
        entries_put_back(places={ann.user_id: place, bob.user_id: place}, now=at(60))
    assert pushes.of("queue") == 1
    with oracle(unchanged=("queue", own(ann))):
        entries_put_back(places={ann.user_id: place}, now=at(60))


def test_entries_clear(ann):
    entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    with oracle("queue", own(ann)):
        entries_clear(why="season_end", now=at(1))
    assert notice_of(ann)["why"] == "season_end"


def test_entry_remove(ann):
    entry_create(user_id=ann.user_id, selected_roles=["TANK", "SUPPORT"], now=NOW)
    with oracle("queue", own(ann)):
        entry_remove(user_id=ann.user_id, now=at(1))
    with oracle(unchanged=("queue", own(ann))):
        entry_remove(user_id=ann.user_id, now=at(2))


def test_every_service_stands_here():
    """A new service without a test of what it pushes, here or in the next modules, fails this one."""
    here = "".join(
        inspect.getsource(module) for module in (sys.modules[__name__], test_oracle_matches, test_oracle_staff)
    )
    services = [
        name
        for module in (staff.services, users.services, queue_app.services, matches.services)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__.startswith(module.__name__) and not name.startswith("_")
    ]
    # These make accounts whose streams nobody can hold yet.
    newcomers = {user_from_claims.__name__, users_from_claims.__name__}
    newcomers |= {audit_record.__name__, audit_forget_actor.__name__, audit_prune.__name__}  # which no stream shows
    assert newcomers <= set(services)
    assert [name for name in services if f"{name}(" not in here and name not in newcomers] == []
