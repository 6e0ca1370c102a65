"""The audit log: every write of staff is in it, with its reason, and stays there."""

from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from matches.models import Match, Season
from staff.admin import AuditedAdmin
from staff.changes import HIDDEN
from staff.models import AuditEntry
from staff.private import is_private
from staff.selectors import audit_of
from staff.services import audit_record
from tests.scenes import make_match, players
from tests.staff.acting import act, form_of, page_of
from tests.staff.scenes import ACTIONS, ADDITIONS, CHANGES, finished, player, scene, season
from users.models import Badge, Penalty, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(make_user) -> User:
    return make_user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client, root):
    client.force_login(root)
    return client


def test_all_that_staff_can_do_stands_in_the_scenes(rf, root):
    request = rf.get("/")
    request.user = root
    assert all(isinstance(page, AuditedAdmin) for page in site._registry.values())
    pages = dict(site._registry)
    actions = {(model, name) for model, page in pages.items() for name in page.get_actions(request)}
    assert actions == ACTIONS.keys()
    assert {model for model, page in pages.items() if page.has_change_permission(request)} == CHANGES.keys()
    assert {model for model, page in pages.items() if page.has_add_permission(request)} == ADDITIONS.keys()
    assert not [model for model, page in pages.items() if page.has_delete_permission(request)]
    inlines = [inline for page in pages.values() for inline in page.get_inline_instances(request, None)]
    for inline in inlines:
        rights = (inline.has_add_permission, inline.has_change_permission, inline.has_delete_permission)
        assert not any(right(request, None) for right in rights), inline


@pytest.mark.parametrize(("model", "action"), ACTIONS)
def test_every_action_is_written_down(staff, root, model, action):
    row, fields, subject = scene(ACTIONS[model, action])
    act(staff, action, row, reason="Ｂecause", **fields)
    (entry,) = audit_of(subject)
    assert (entry.actor_id, entry.actor_name, entry.action) == (root.pk, "root", action)
    assert entry.reason == "Ｂecause"
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("model", "action", "reason"),
    [*((*key, "") for key in ACTIONS), *((User, "ban", reason) for reason in ("   ", "x" * 201))],
)
def test_no_action_without_a_reason(staff, model, action, reason):
    row, fields, _ = scene(ACTIONS[model, action])
    answer = act(staff, action, row, reason=reason, **fields)
    assert answer.context["form"].errors.keys() == {"audit_reason"}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("model", CHANGES)
def test_every_change_of_a_form_is_written_down(staff, root, model):
    make, fields = CHANGES[model]
    row = make()
    page = page_of(model, "change", row.pk)
    data = form_of(staff, page) | fields
    refused = staff.post(page, {**data, "audit_reason": ""})
    assert refused.context["adminform"].form.errors.keys() == {"audit_reason"}
    assert not AuditEntry.objects.exists()
    before = {name: getattr(row, name) for name in fields}
    assert staff.post(page, data).status_code == 302
    (entry,) = audit_of(row)
    assert (entry.actor_id, entry.action, entry.reason) == (root.pk, "change", "as agreed")
    for name, value in fields.items():
        assert entry.changes[name] == ([HIDDEN, HIDDEN] if is_private(row, name) else [before[name], value])


@pytest.mark.parametrize("model", ADDITIONS)
def test_every_addition_is_written_down(staff, root, model):
    page = page_of(model, "add")
    assert "audit_reason" in staff.post(page, ADDITIONS[model]).context["adminform"].form.errors
    assert not AuditEntry.objects.exists()
    assert staff.post(page, {**ADDITIONS[model], "audit_reason": "new"}).status_code == 302
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.kind, entry.reason) == ("add", model._meta.label_lower, "new")
    assert entry.changes["name"] == [None, ADDITIONS[model]["name"]]


@pytest.mark.parametrize(("model", "action"), [(User, "ban"), (Match, "replace"), (Badge, "delete")])
def test_a_write_that_cannot_be_written_down_is_not_made(staff, model, action, monkeypatch):
    row, fields, subject = scene(ACTIONS[model, action])
    stored = {type(one): type(one).objects.filter(pk=one.pk).values().first() for one in (row, subject)}

    def fail(**kwargs):
        raise OSError

    monkeypatch.setattr("staff.auditing.audit_record", fail)
    with pytest.raises(OSError):  # noqa: PT011  (our own)
        act(staff, action, row, **fields)
    assert {type(one): type(one).objects.filter(pk=one.pk).values().first() for one in (row, subject)} == stored


# --- what is in it --------------------------------------------------------------------------------


def test_it_says_what_has_changed(staff):
    user = player()
    act(staff, "ban", user, reason="insults")
    changes = audit_of(user).get().changes
    assert changes["banned_at"][0] is None
    assert changes["ban_reason"] == ["", "insults"]
    assert changes.keys() == {"banned_at", "ban_reason"}


def test_what_is_refused_leaves_nothing_in_it(staff):
    match = finished()
    answer = act(staff, "void", match)
    assert "この試合は終わっています。" in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_a_bulk_action_goes_through_the_service_for_each_and_one_refusal_stops_no_other(staff):
    done, opened = finished(), make_match(players(10, "other"))
    act(staff, "void", done, opened)
    opened.refresh_from_db()
    assert opened.result == "invalid"
    assert audit_of(opened).get().changes["result"] == ["", "invalid"]
    assert not audit_of(done).exists()


def test_personal_data_is_not_in_it(staff):
    private = {"subject": "auth0|planted", "email": "planted@example.com", "discord_id": "424242424242"}
    user, other = player(), players(1, "double")[0]
    User.objects.filter(pk=user.pk).update(**private)
    page = page_of(User, "change", user.pk)
    staff.post(page, form_of(staff, page) | {"bio": "new"})
    act(staff, "ban", user)
    act(staff, "unban", user)
    act(staff, "merge", user, duplicate=other.pk)
    written = str(list(AuditEntry.objects.values()))
    assert AuditEntry.objects.count() == 4
    assert not [value for value in private.values() if value in written]


@pytest.fixture
def entry(root):
    return audit_record(actor=root, action="test", row=root, reason="because", changes={})


def test_nobody_changes_it_in_the_admin(staff, entry):
    page = page_of(AuditEntry, "change", entry.pk)
    assert staff.get(page).status_code == 200
    assert staff.post(page, {"reason": "another"}).status_code == 403
    assert staff.post(page_of(AuditEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403
    assert staff.get(page_of(AuditEntry, "add")).status_code == 403


def test_the_database_refuses_to_change_it(entry):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(reason="another")
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditEntry.objects.all().delete()
    entry.refresh_from_db()
    assert entry.reason == "because"


@pytest.mark.parametrize("by", ["actor_id", "actor_name", "object_id", "reason", "action"])
def test_it_is_searched(staff, root, entry, by):
    other = audit_record(actor=player(), action="else", row=Badge(pk="b"), reason="why", changes={})
    found = staff.get(page_of(AuditEntry, "changelist"), {"q": getattr(entry, by)}).context["cl"].queryset
    assert (entry in found, other in found) == (True, False)


def test_it_stands_on_the_page_of_what_it_is_about(staff):
    user, other = player(), players(1, "other")[0]
    act(staff, "ban", user, reason="insulted somebody")
    assert "insulted somebody" in staff.get(page_of(User, "change", user.pk)).content.decode()
    assert "insulted somebody" not in staff.get(page_of(User, "change", other.pk)).content.decode()
    history = staff.get(page_of(User, "history", user.pk), follow=True)
    assert [entry.reason for entry in history.context["cl"].result_list] == ["insulted somebody"]


def test_an_action_asks_for_its_fields_and_changes_nothing_by_that(staff):
    user = player()
    answer = staff.post(page_of(User, "changelist"), {"action": "give_penalty", "_selected_action": [user.pk]})
    assert answer.context["form"].fields.keys() == {"points", "told", "until", "audit_reason"}
    assert "Ann 0" in answer.content.decode()
    assert not Penalty.objects.exists()


def test_after_an_action_on_a_page_it_is_shown_again(staff):
    user = player()
    answer = act(staff, "ban", user, from_row="1")
    assert answer.redirect_chain == [(page_of(User, "change", user.pk), 302)]


def test_an_action_on_what_is_gone_meanwhile_does_nothing(staff):
    badge = Badge.objects.create(badge_id="first", name="First")
    gone = Badge(pk=badge.pk)
    badge.delete()
    assert act(staff, "delete", gone).status_code == 200
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("key", ["x", "%00", "1.5", ""])
@pytest.mark.parametrize(("model", "action"), [(Penalty, "lift"), (Season, "close")])
def test_an_action_on_what_can_be_no_row_does_nothing(staff, model, action, key):
    sent = {"action": action, "_selected_action": [key], "apply": "1", "audit_reason": "as agreed"}
    assert staff.post(page_of(model, "changelist"), sent, follow=True).status_code == 200
    assert not AuditEntry.objects.exists()


def test_too_many_at_once_are_refused(staff, monkeypatch):
    monkeypatch.setattr("staff.admin.acting.MOST_AT_ONCE", 1)
    users = players(2)
    act(staff, "ban", *users)
    assert not User.objects.exclude(banned_at=None).exists()


def test_an_entry_outlives_what_it_is_about(staff):
    one = season()
    act(staff, "delete", one)
    entry = AuditEntry.objects.get()
    assert entry.changes["name"] == ["one", None]
    assert staff.get(page_of(AuditEntry, "change", entry.pk)).status_code == 200
    assert entry.made_at > timezone.now() - timedelta(minutes=1)
