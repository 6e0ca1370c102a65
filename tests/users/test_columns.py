"""What the admin's forms take is what services take."""

import pytest

from tests.staff.acting import form_of, page_of
from users.models import Badge, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="根"))
    return client


def change(staff, row, **fields):
    """Send the form of a row with these fields changed."""
    page = page_of(type(row), "change", row.pk)
    answer = staff.post(page, form_of(staff, page) | fields)
    row.refresh_from_db()
    return answer


@pytest.fixture
def badge():
    return Badge.objects.create(badge_id="first", name="First", earned_by="being first", look={"icon": "flag"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("look", value) for value in ("[1]", '"flag"', '{"icon": 1}', '{"colour": "red"}', '{"colours": "#ffffff"}')),
        *((field, value) for field in ("name", "earned_by") for value in ("\u2800", "\u200c")),
    ],
)
def test_a_badge_is_refused_that_clients_could_not_show(staff, badge, field, value):
    before = Badge.objects.filter(pk=badge.pk).values().get()
    answer = change(staff, badge, **{field: value})
    assert list(answer.context["adminform"].form.errors) == [field]
    assert Badge.objects.filter(pk=badge.pk).values().get() == before
    assert staff.get("/api/badges").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("preferred_roles", value) for value in ("123", '"TANK"', '["JUNGLE"]', '["TANK", "TANK"]', "{}")),
        *(("preferred_roles", value) for value in ("[" * 5000, "9" * 5000)),
        *(("trainer_name", value) for value in ("\u2800", "\U0001d159", "退会済み (dеleted)", "運営\u200c", "x" * 51)),
        *(("twitter_id", value) for value in ("a b", "<b>", "アン")),
        ("bio", "x" * 201),
    ],
)
def test_an_account_is_refused_that_the_player_could_not_have_made(staff, make_user, field, value):
    ann = make_user("Ann")
    before = User.objects.filter(pk=ann.pk).values().get()
    answer = change(staff, ann, **{field: value})
    assert list(answer.context["adminform"].form.errors) == [field]
    assert User.objects.filter(pk=ann.pk).values().get() == before


def test_a_text_is_cleaned_as_the_players_is(staff, make_user):
    ann = make_user("Ann")
    assert change(staff, ann, trainer_name="  B\u200co\u2800b\ufe0f ", bio="a\r\n\u202eb").status_code == 302
    assert (ann.trainer_name, ann.bio) == ("Bo b", "a\nb")


def test_lines_of_a_text_that_is_not_touched_stay_and_are_not_written(staff, make_user, monkeypatch):
    """Browsers send line breaks as two characters."""
    ann = make_user("Ann", bio="a\nb")
    written = []
    monkeypatch.setattr(User, "save", lambda user, *, update_fields: written.extend(update_fields))
    assert change(staff, ann, bio="a\r\nb", twitter_id="ann").status_code == 302
    assert "twitter_id" in written
    assert "bio" not in written
    page = page_of(User, "change", ann.pk)
    assert '<textarea name="bio"' in staff.get(page).content.decode()


def test_staff_may_be_called_as_staff(staff, make_user):
    ann = make_user("Ann", is_staff=True)
    assert change(staff, ann, trainer_name="運営 Ann").status_code == 302
    assert ann.trainer_name == "運営 Ann"


def test_what_is_refused_is_said_in_the_readers_language(staff, make_user):
    answer = change(staff, make_user("Ann"), trainer_name="退会済み")
    assert answer.context["adminform"].form.errors["trainer_name"] == ["この名前は使えません。"]
