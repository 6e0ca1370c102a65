"""What is for one person is kept by nobody on the way."""

import pytest
from rest_framework.test import APIClient

from tests import scenes
from tests.test_security import OPERATIONS
from users.models import User
from users.tokens import issue_dev_token

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def assert_personal(answer) -> None:
    assert "no-store" in answer.headers["Cache-Control"]
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


@pytest.fixture
def signed_in():
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_dev_token('Ann')[0]}")
    return client


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_answer_of_the_api_is_kept(api, signed_in, method, path):
    match = scenes.make_match()
    path = path.replace("{match_id}", match.pk).replace("{user_id}", match.host_id).replace("{season_id}", "1")
    for caller in (signed_in, api()):
        assert_personal(getattr(caller, method)(path))


@pytest.mark.parametrize(
    "path",
    [
        *("/admin/", "/admin/users/user/", "/admin/users/user/none/change/", "/admin/none/", "/admin/jsi18n/"),
        *("/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/staff/auditentry/", "/", "/none"),
        *("/api/none", "/api/schema/", "/api/docs/", "/api/queue", "/language", "/metrics", "/livez"),
    ],
)
def test_nothing_that_staff_are_shown_is_kept(client, path):
    client.force_login(User.objects.create_superuser("admin", "a-long-enough-password", trainer_name="Admin"))
    assert_personal(client.get(path))


@pytest.mark.parametrize("path", ["/admin/users/user/", "/admin/login/", "/api/users/me", "/api/none"])
def test_refusals_are_not_kept_either(client, path):
    for answer in (client.get(path), client.get(f"{path}?a=%00", headers={"Authorization": "Bearer a.b.c"})):
        assert_personal(answer)


def test_a_cookie_is_not_given_to_others(client):
    answer = client.post("/language", {"language": "en"})
    assert "django_language" in answer.cookies
    assert_personal(answer)


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_documents_for_everybody_may_be_kept_and_compared(client, path):
    assert client.get(path).headers["Cache-Control"] == "no-cache"


def test_what_is_for_nobody_in_particular_is_left_alone(client):
    assert "no-store" not in client.get("/static/web/app.js").headers.get("Cache-Control", "")
