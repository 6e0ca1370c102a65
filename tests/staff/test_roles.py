"""What organisers and administrators may see and do, page by page."""

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import Group
from django.urls import reverse

from matches.models import Match, RatingChange, Report, Season, SeasonRank
from queue_app.models import Entry
from staff.models import AuditEntry, HouseRules
from staff.roles import ADMINISTRATOR, ORGANISER, install
from tests.staff.acting import act, form_of, page_of
from tests.staff.scenes import ACTIONS, rows_of_all_models, scene
from users.models import Badge, Penalty, User

pytestmark = pytest.mark.django_db
OF_PERSONAL_DATA = {(User, "export"), (User, "delete_account")}
PRIVATE = {"subject": "planted-subject", "email": "planted-mail", "discord_id": "424242424242"}


@pytest.fixture
def sign_in(client, make_user):
    """Be somebody with one of the roles."""

    def enter(role: str) -> User:
        user = make_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return enter


def test_staff_are_called_by_their_names(client, sign_in):
    user = sign_in(ORGANISER)
    shown = client.get(reverse("admin:index")).content.decode()
    assert user.trainer_name in shown
    assert user.subject not in shown


@pytest.fixture
def everything(db, make_user):
    """A row of each model, and personal data planted in every account."""
    ann = rows_of_all_models()
    for number, user in enumerate(User.objects.all()):
        User.objects.filter(pk=user.pk).update(**{column: f"{value}-{number}" for column, value in PRIVATE.items()})
    ann.refresh_from_db()
    return ann


def pages(model) -> list[str]:
    """Every page of a model."""
    row = model._default_manager.first()
    return [page_of(model, "changelist"), *(page_of(model, name, row.pk) for name in ("change", "history"))]


@pytest.mark.parametrize("role", [ORGANISER, ADMINISTRATOR])
def test_every_page_opens_for_both(client, sign_in, everything, role):
    user = sign_in(role)
    act(client, "grant_badge", everything, badge=Badge.objects.last().pk)
    assert AuditEntry.objects.get().actor_id == user.pk
    models = {Entry, Match, Report, RatingChange, Season, SeasonRank, User, Badge, Penalty, AuditEntry, HouseRules}
    assert site._registry.keys() == models
    for model in models:
        for page in pages(model):
            assert client.get(page, follow=True).status_code == 200, page
    assert client.get(reverse("admin:index")).status_code == 200


def test_organisers_see_no_personal_data(client, sign_in, everything):
    sign_in(ORGANISER)
    act(client, "ban", everything)
    shown = [client.get(page, follow=True).content.decode() for model in site._registry for page in pages(model)]
    shown += [client.get(page_of(model, "changelist"), {"q": "Ann"}).content.decode() for model in (User, Entry)]
    confirm = {"action": "merge", "_selected_action": [everything.pk]}
    shown.append(client.post(page_of(User, "changelist"), confirm).content.decode())
    for column, value in PRIVATE.items():
        assert not [page for page in shown if value in page], column


def test_administrators_see_it_on_the_page_of_the_account_alone(client, sign_in, everything):
    sign_in(ADMINISTRATOR)
    page = client.get(page_of(User, "change", everything.pk)).content.decode()
    for column, value in PRIVATE.items():
        assert value in page, column
        assert value not in client.get(page_of(User, "changelist")).content.decode()


@pytest.mark.parametrize("role", [ORGANISER, ADMINISTRATOR])
@pytest.mark.parametrize("column", [*PRIVATE, "password", "last_login"])
def test_nobody_finds_accounts_by_it(client, sign_in, everything, role, column):
    sign_in(role)
    value = str(getattr(everything, column))[:8]
    for model, prefix in ((User, ""), (Entry, "user__"), (Penalty, "user__"), (Match, "host__")):
        for lookup in (f"{prefix}{column}", f"{prefix}{column}__startswith"):
            answer = client.get(page_of(model, "changelist"), {lookup: value})
            assert answer.status_code == 400 or answer.url.endswith("?e=1"), lookup
    if column in PRIVATE:
        found = client.get(page_of(User, "changelist"), {"q": PRIVATE[column]}).context["cl"].result_count
        assert found == 0


@pytest.mark.parametrize(("model", "action"), [each for each in ACTIONS if each not in OF_PERSONAL_DATA])
def test_organisers_may_do_what_an_evening_needs(client, sign_in, model, action):
    sign_in(ORGANISER)
    row, fields, _ = scene(ACTIONS[model, action])
    act(client, action, row, **fields)
    assert AuditEntry.objects.get().action == action


@pytest.mark.parametrize(("model", "action"), sorted(OF_PERSONAL_DATA, key=str))
def test_personal_data_is_the_administrators_to_hand_out_and_to_delete(client, sign_in, model, action):
    row, fields, _ = scene(ACTIONS[model, action])
    sign_in(ORGANISER)
    page = client.get(page_of(model, "change", row.pk)).content.decode()
    assert f'value="{action}"' not in page
    assert not act(client, action, row, **fields).headers.get("Content-Disposition")
    row.refresh_from_db()
    assert row.deleted_at is None
    assert not AuditEntry.objects.exists()
    sign_in(ADMINISTRATOR)
    assert f'value="{action}"' in client.get(page_of(model, "change", row.pk)).content.decode()
    act(client, action, row, **fields)
    assert AuditEntry.objects.get().action == action


def test_administrators_may_do_all_of_it(rf, sign_in):
    request = rf.get("/")
    request.user = sign_in(ADMINISTRATOR)
    assert {(model, name) for model, page in site._registry.items() for name in page.get_actions(request)} == set(
        ACTIONS
    )


def try_all(client, row) -> set:
    """Try every action; what the answers were."""
    form = {"_selected_action": [row.pk], "apply": "1", "audit_reason": "x"}
    return {
        (answer.status_code, getattr(answer, "url", "").split("?")[0])
        for model, action in ACTIONS
        for answer in [client.post(page_of(model, "changelist"), {**form, "action": action})]
    }


def test_staff_without_a_role_may_do_nothing(client, make_user):
    client.force_login(make_user("helper", is_staff=True))
    assert try_all(client, make_user()) == {(403, "")}


def test_who_has_a_role_and_no_staff_status_may_do_nothing(client, sign_in, make_user):
    user = sign_in(ORGANISER)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert try_all(client, make_user()) == {(302, reverse("admin:login"))}


def give(client, user, **fields):
    """Send the account's form with these rights."""
    page = page_of(User, "change", user.pk)
    client.post(page, form_of(client, page) | fields)
    user.refresh_from_db()


def test_organisers_give_no_roles(client, sign_in, make_user):
    organiser, ann = sign_in(ORGANISER), make_user("Ann")
    groups = [group.pk for group in Group.objects.all()]
    for user in (ann, organiser):
        give(client, user, bio="new", is_staff="on", is_superuser="on", groups=groups)
    assert (ann.bio, ann.is_staff, ann.is_superuser, list(ann.groups.all())) == ("new", False, False, [])
    assert [group.name for group in organiser.groups.all()] == [ORGANISER]
    assert not organiser.is_superuser


def test_administrators_give_roles_and_no_more(client, sign_in, make_user):
    _, ann = sign_in(ADMINISTRATOR), make_user("Ann")
    organisers = Group.objects.get(name=ORGANISER)
    permissions = [permission.pk for permission in organisers.permissions.all()]
    give(client, ann, is_staff="on", is_superuser="on", groups=[organisers.pk], user_permissions=permissions)
    assert (ann.is_staff, ann.is_superuser, list(ann.groups.all())) == (True, False, [organisers])
    assert not ann.user_permissions.exists()
    changes = AuditEntry.objects.get().changes
    assert changes == {"is_staff": [False, True], "groups": [[], [ORGANISER]]}


@pytest.mark.parametrize("role", [ORGANISER, ADMINISTRATOR])
def test_nobody_acts_on_those_above(client, sign_in, make_user, role):
    sign_in(role)
    above = make_user("above", is_staff=True, is_superuser=True)
    act(client, "ban", above)
    above.refresh_from_db()
    assert not above.is_banned
    page = page_of(User, "change", above.pk)
    assert client.get(page).status_code == 200
    assert client.post(page, {"bio": "x", "audit_reason": "x"}).status_code == 403


def test_organisers_do_not_act_on_other_staff(client, sign_in, make_user):
    sign_in(ORGANISER)
    colleague = make_user("colleague", is_staff=True)
    act(client, "ban", colleague)
    colleague.refresh_from_db()
    assert not colleague.is_banned


def test_the_groups_are_set_right_again_by_each_migrate(db):
    group = Group.objects.get(name=ORGANISER)
    before = set(group.permissions.all())
    assert before
    group.permissions.set(list(before)[1:])
    install()
    assert set(group.permissions.all()) == before
    assert "see_personal_data" not in {permission.codename for permission in before}
