"""The commands `issue_token` and `seed_demo`, and what `check` says."""

import io

import pytest
from django.core.management import CommandError, call_command

from users import checks, tokens
from users.models import OwnedBadge, User


def _output(*args, **options) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue().strip()


def test_issue_token_prints_a_token_that_counts():
    claims = tokens.verify(_output("issue_token", " Ann "))
    assert (claims.subject, claims.name) == ("dev|Ann", "Ann")


def test_issue_token_keeps_to_the_lifetime():
    early, late = (tokens.verify(_output("issue_token", "Ann", lifetime=seconds)) for seconds in (60, 600))
    assert late.expires_at - early.expires_at == pytest.approx(540, abs=5)


@pytest.mark.parametrize(("name", "options"), [("", {}), ("x" * 51, {}), ("a\0", {})])
def test_issue_token_says_what_is_wrong(name, options):
    with pytest.raises(CommandError):
        _output("issue_token", name, **options)


def test_issue_token_says_that_the_login_is_off(settings):
    settings.UNITEMATE_DEV_LOGIN = False
    with pytest.raises(CommandError, match="UNITEMATE_DEV_LOGIN=1"):
        _output("issue_token", "Ann")


def _demo() -> list[tuple]:
    accounts = User.objects.order_by("subject").values_list("subject", "trainer_name", "rate", "max_rate")
    owned = OwnedBadge.objects.order_by("user__subject", "badge_id").values_list("user__subject", "badge_id", "place")
    return [*accounts, *owned]


@pytest.mark.django_db
def test_seed_demo_makes_the_same_accounts_everywhere_and_only_once():
    assert _output("seed_demo", players=50) == "50 demo accounts made, 0 were there."
    made = _demo()
    assert User.objects.count() == 50
    assert User.objects.values("rate").distinct().count() > 20
    assert OwnedBadge.objects.filter(place=1).exists()
    assert _output("seed_demo", players=50) == "0 demo accounts made, 50 were there."
    assert _demo() == made
    User.objects.all().delete()
    _output("seed_demo", players=50)
    assert _demo() == made


@pytest.mark.django_db
def test_seed_demo_leaves_accounts_alone_that_are_there():
    _output("seed_demo", players=3)
    User.objects.update(trainer_name="Anna", rate=1700, max_rate=1700)
    assert _output("seed_demo", players=5) == "2 demo accounts made, 3 were there."
    assert User.objects.filter(trainer_name="Anna", rate=1700).count() == 3


@pytest.mark.django_db
def test_a_demo_player_can_be_signed_in_to(api):
    _output("seed_demo", players=1)
    user = User.objects.get()
    answer = api.post("/api/auth/dev/login", {"name": user.trainer_name}, format="json")
    assert answer.json()["user_id"] == user.pk


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"AUTH0_DOMAIN": "example.auth0.com", "AUTH0_AUDIENCE": "x", "UNITEMATE_DEV_LOGIN": False}, set()),
        ({"AUTH0_DOMAIN": "http://example.com", "AUTH0_AUDIENCE": "x", "UNITEMATE_DEV_LOGIN": False}, {"users.E001"}),
        ({"AUTH0_DOMAIN": "example.auth0.com", "AUTH0_AUDIENCE": "", "UNITEMATE_DEV_LOGIN": False}, {"users.E001"}),
        ({"AUTH0_DOMAIN": "example.auth0.com", "AUTH0_AUDIENCE": "x", "UNITEMATE_DEV_LOGIN": True}, {"users.E002"}),
        ({"AUTH0_DOMAIN": "", "AUTH0_AUDIENCE": "", "UNITEMATE_DEV_LOGIN": False}, {"users.E003"}),
    ],
)
def test_a_deployment_is_checked_for_how_people_sign_in(settings, changed, found):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert {message.id for message in (*checks.provider(None), *checks.sign_in(None))} == found
