"""Every write that staff can make is in the audit log: in the admin and over REST, whatever is added to them.

What there is to write is read from the admin's registry and the OpenAPI document. A new action, page or operation is
walked without being listed; one that the walk cannot use asks for an example in `tests/staff/scenes.py`.
"""

import ast
import sys
from types import ModuleType

import pytest
from django.contrib import admin
from django.contrib.admin.sites import site
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from matches.admin.matches import MatchAdmin
from matches.api import match_fields
from matches.models import Match, Report
from matches.serializers import MatchProjection, VoidInput
from matches.services import match_void
from staff.auditing import audited
from staff.services import audit_record
from tests.scenes import make_match, players
from tests.staff import walking
from tests.staff.scenes import ACTIONS, ADDITIONS, CHANGES, KNOWN, rows_of_all_models, scene
from tests.test_layout import ROOT
from tests.test_layout import modules as modules_of
from unitemate.urls import urlpatterns
from users.models import User
from users.permissions import HasStaffPermission, IsStaff, NotBanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, make_user):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def world(make_user) -> User:
    audit_record(actor=make_user("Chief"), action="x", row=players(1, "other")[0], reason="x", changes={})
    return rows_of_all_models()


@pytest.fixture
def plant(settings, monkeypatch):
    """Put an address before the service's own: `plant(path(…))`."""

    def put(pattern) -> None:
        module = ModuleType("planted_urls")
        module.urlpatterns = [pattern, *urlpatterns]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__

    return put


def row_of(model):
    return model._default_manager.order_by("-pk").first()


# --- the admin -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "action"), walking.actions())
def test_every_action_of_the_admin_is_audited(staff, model, action, request):
    if (model, action) in ACTIONS:
        row, fields, _ = scene(ACTIONS[model, action])
    else:
        request.getfixturevalue("world")
        row, fields = row_of(model), {}
    assert walking.walk_action(staff, row, action, fields) == []


@pytest.mark.parametrize("model", walking.pages())
def test_every_form_of_the_admin_is_audited(staff, world, model):
    make, fields = CHANGES.get(model, (None, {}))
    row = row_of(model) or make()
    assert walking.walk_change(staff, row, fields) == []
    assert walking.walk_addition(staff, model, ADDITIONS.get(model, {})) == []
    assert walking.walk_deletion(staff, row) == []


def test_every_further_page_of_the_admin_is_audited(staff, world):
    further = list(walking.further_pages())
    assert (Match, "matches_voice") in further
    assert [fault for _, name in further for fault in walking.walk_further_page(staff, name)] == []


def forgetful(page, request, queryset):
    """An action of which nobody has thought that it is one of staff."""
    queryset.update(lobby_id="87654321")


def test_an_action_that_forgets_the_audit_is_found(staff, world, monkeypatch):
    monkeypatch.setattr(MatchAdmin, "actions", (*MatchAdmin.actions, forgetful))
    assert (Match, "forgetful") in walking.actions()
    (fault,) = walking.walk_action(staff, row_of(Match), "forgetful", {})
    assert "writes, with 0 entries" in fault


def test_a_page_that_forgets_the_audit_is_found(staff, world, plant, monkeypatch):
    monkeypatch.setitem(site._registry, Report, admin.ModelAdmin(Report, site))
    plant(path("admin/", site.urls))
    assert (Report, "delete_selected") in walking.actions()
    (changed,) = walking.walk_change(staff, row_of(Report), {"result": "B-win", "violations": "[]"})
    (deleted,) = walking.walk_deletion(staff, row_of(Report))
    assert "/change/ writes, with 0 entries" in changed
    assert "/delete/ writes, with 0 entries" in deleted


# --- REST ----------------------------------------------------------------------------------------


@pytest.fixture
def walk(api, make_user):
    """Walk an operation on an open match in which none of the people has a part."""
    match = make_match()
    other = match.seats.exclude(user=match.host).first().user_id
    known = {**KNOWN, "match_id": match.pk, "user_id": other, "reason": walking.REASON}
    people = {
        "player": make_user("Player"),
        "staff": make_user("root", is_staff=True, is_superuser=True),
        "helper": make_user("Helper", is_staff=True),
        "banned": make_user("Banned", is_staff=True, is_superuser=True, banned_at=match.matched_at),
    }
    return lambda method, path: walking.walk_operation(api, method, path, known, people)


@pytest.mark.parametrize(("method", "path"), walking.operations())
def test_every_write_of_staff_over_rest_is_audited(walk, method, path):
    assert walk(method, path) == []


class Planted(APIView):
    """A write of staff over REST, rightly made but for what a subclass forgets."""

    permission_classes = (IsAuthenticated, NotBanned, HasStaffPermission)
    staff_permission = "matches.change_match"
    needs_reason = True

    @extend_schema(request=VoidInput, responses=MatchProjection)
    def post(self, request, match_id):
        """Void a match."""
        reason = request.data.get("reason")
        if self.needs_reason and not reason:
            return Response(status=400)
        self.write(request, match_id, reason)
        return Response(match_fields(match_id))

    def write(self, request, match_id, reason):
        with audited(actor=request.user, action="void", row=Match.objects.get(pk=match_id), reason=reason):
            match_void(match_id=match_id)


class WithoutAudit(Planted):
    def write(self, request, match_id, reason):
        match_void(match_id=match_id)


class WithAnotherReason(Planted):
    def write(self, request, match_id, reason):
        super().write(request, match_id, "none")


class WithoutReason(Planted):
    needs_reason = False


class WithoutPermission(Planted):
    permission_classes = (IsAuthenticated, NotBanned, IsStaff)


class WithNothingToDo(Planted):
    def write(self, request, match_id, reason):
        """Nothing."""


@pytest.mark.parametrize(
    ("view", "faults"),
    [
        (Planted, []),
        (WithoutAudit, ["writes, without one entry of the audit log"]),
        (WithAnotherReason, ["writes down another actor or reason"]),
        (WithoutReason, ["takes no reason, or an empty one"]),
        (WithoutPermission, ["lets helper staff in"]),
        (WithNothingToDo, ["writes nothing"]),
    ],
)
def test_an_operation_that_forgets_something_is_found(walk, plant, view, faults):
    plant(path("api/matches/<str:match_id>/planted", view.as_view()))
    address = ("post", "/api/matches/{match_id}/planted")
    assert address in walking.operations()
    found = walk(*address)
    assert len(found) == len(faults)
    assert [fault for fault, wanted in zip(found, faults, strict=True) if wanted not in fault] == []


# --- one way -------------------------------------------------------------------------------------


def test_entries_are_written_in_one_place():
    callers = {
        str(path.relative_to(ROOT))
        for package in ("staff", "users", "queue_app", "matches", "web", "unitemate")
        for path in modules_of(package)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "audit_record"
    }
    assert callers == {"staff/auditing.py"}
