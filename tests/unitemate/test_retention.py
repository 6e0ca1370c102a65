"""What has been kept for long enough goes, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command

from matches.models import Report
from matches.services import match_report, violations_forget
from realtime.models import PublishedState
from realtime.publishing.publisher import snapshot
from realtime.publishing.retention import ended_streams_forget
from realtime.testing import published
from staff.models import AuditEntry
from tests.oracle import own
from tests.scenes import NOW, at, make_match, open_lobby, report_all
from unitemate.retention import RULES, prune
from users.models import Penalty, User
from users.services import account_delete, penalties_prune, penalty_give, penalty_lift, penalty_work_off, user_ban

pytestmark = pytest.mark.django_db
LONG_AFTER = NOW + timedelta(days=10_000)


def entry(made_at) -> AuditEntry:
    return AuditEntry.objects.create(
        made_at=made_at, actor_id="a", actor_name="A", action="x", kind="k", object_id="o", reason="r"
    )


@pytest.fixture
def everything(make_user) -> None:
    """Something of each kind, from `NOW`."""
    entry(NOW)
    match = make_match()
    first, second = match.seats.all()[:2]
    open_lobby(match)
    match_report(match_id=match.pk, user_id=first.user_id, result="A-win", violations=[second.user_id], now=at(600))
    report_all(match, count=6)
    penalty_lift(penalty=penalty_give(user=make_user("Ann"), points=1, reason="x", now=NOW), now=NOW)
    account_delete(user=make_user("Bob"), now=NOW)
    banned = make_user("Eve")
    snapshot(own(banned))
    user_ban(user=banned, reason="x")
    published()
    PublishedState.objects.filter(stream=own(banned)).update(published_at=NOW)
    Session.objects.create(session_key="s", session_data="", expire_date=NOW)


def kept() -> list[int]:
    return [
        AuditEntry.objects.count(),
        Report.objects.exclude(violations=[]).count(),
        Penalty.objects.count(),
        User.objects.exclude(former_digest="").count(),
        PublishedState.objects.filter(document__isnull=True).count(),
        Session.objects.count(),
    ]


def test_each_kind_goes_when_its_time_has_come(everything):
    assert kept() == [1] * len(RULES)
    assert [one.number for one in prune(now=LONG_AFTER)] == [1] * len(RULES)
    assert kept() == [0] * len(RULES)
    assert [one.number for one in prune(now=LONG_AFTER)] == [0] * len(RULES)


def test_a_dry_run_says_the_same_and_changes_nothing(everything):
    assert [one.number for one in prune(now=LONG_AFTER, dry_run=True)] == [1] * len(RULES)
    assert kept() == [1] * len(RULES)


def test_nothing_goes_before_its_time(everything):
    assert [one.number for one in prune(now=at(-1))] == [0] * len(RULES)


def test_each_kind_has_its_own_days(everything, settings):
    days = {rule.days for rule in RULES if rule.days}
    assert days == settings.RETENTION.keys()
    for name in days:
        settings.RETENTION = dict.fromkeys(days, 20_000) | {name: 1}
        went = [rule.days for rule, one in zip(RULES, prune(now=LONG_AFTER), strict=True) if one.number and rule.days]
        assert went == [name]


def test_the_command_says_what_goes(everything, capsys):
    call_command("prune", "--dry-run")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(RULES)
    assert all(line.endswith("would go") for line in lines)
    call_command("prune")
    assert "entries of the audit log, older than 730 days" in capsys.readouterr().out


# --- each kind ------------------------------------------------------------------------------------


def test_entries_of_the_log_go_by_their_age():
    old, young = entry(at(-1)), entry(at(1))
    rule = RULES[0]
    assert rule.prune(NOW, NOW) == 1
    assert list(AuditEntry.objects.all()) == [young]
    assert old.pk != young.pk


def test_a_report_stays_without_whom_it_names():
    match = make_match()
    first, second = match.seats.all()[:2]
    open_lobby(match)
    match_report(match_id=match.pk, user_id=first.user_id, result="A-win", violations=[second.user_id], now=at(600))
    assert violations_forget(before=at(9000)) == 0  # as long as the match is open
    report_all(match, count=6)
    before = list(Report.objects.order_by("pk").values("seat", "result", "reported_at"))
    match.refresh_from_db()
    assert violations_forget(before=match.closed_at) == 0
    assert violations_forget(before=match.closed_at + timedelta(seconds=1)) == 1
    assert list(Report.objects.order_by("pk").values("seat", "result", "reported_at")) == before


@pytest.mark.parametrize("over", ["lifted", "worked off"])
def test_penalties_go_once_they_are_over_for_long_enough(ann, over):
    penalty = penalty_give(user=ann, points=1, reason="x", until=at(600), now=NOW)
    assert penalties_prune(before=at(9000)) == 0
    if over == "lifted":
        penalty_lift(penalty=penalty, now=at(1000))
    else:
        penalty_work_off(user=ann, now=at(1000))
    assert penalties_prune(before=at(1000)) == 0
    assert penalties_prune(before=at(1001)) == 1


def test_not_while_another_is_in_force_whose_working_off_depends_on_them(ann):
    first = penalty_give(user=ann, points=1, reason="x", now=NOW)
    second = penalty_give(user=ann, points=1, reason="x", now=at(1))
    penalty_work_off(user=ann, now=at(1000))
    assert penalties_prune(before=at(2000)) == 0
    penalty_lift(penalty=second, now=at(1500))
    assert penalties_prune(before=at(2000)) == 2
    assert first.pk != second.pk


def test_points_that_a_deleted_account_has_left_go_in_the_end(ann):
    penalty_give(user=ann, points=6, reason="x", now=NOW)
    account_delete(user=ann, now=at(10))
    assert penalties_prune(before=at(10)) == 0
    assert penalties_prune(before=at(11)) == 1


def test_a_stream_that_goes_on_is_not_forgotten(ann):
    snapshot(own(ann))
    PublishedState.objects.update(published_at=NOW)
    assert ended_streams_forget(before=at(9000)) == 0
    user_ban(user=ann, reason="x", now=NOW)
    published()
    assert ended_streams_forget(before=LONG_AFTER) == 1
    User.objects.filter(pk=ann.pk).update(banned_at=None)
    assert snapshot(own(ann)).document["user_id"] == ann.pk
