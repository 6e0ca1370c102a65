"""The REST interface of accounts: what it answers to those who use it well."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.users.answers import errors_of
from users import badges, services, tokens
from users.models import Badge, User

pytestmark = pytest.mark.django_db


# --- the development login ----------------------------------------------------------------------


def test_login_gives_a_token_and_makes_the_account(api):
    answer = api.post("/api/auth/dev/login", {"name": " Ann "}, format="json")
    assert answer.status_code == 200
    assert answer.json().keys() == {"token", "user_id", "expires_in"}
    assert answer.json()["expires_in"] == tokens.DEV_LIFETIME
    user = User.objects.get()
    assert (answer.json()["user_id"], user.trainer_name, user.subject) == (user.user_id, "Ann", "dev|Ann")
    me = api.get("/api/users/me", HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    assert me.json()["user_id"] == user.user_id


def test_login_by_the_same_name_is_the_same_account(api):
    ids = {api.post("/api/auth/dev/login", {"name": "Ann"}, format="json").json()["user_id"] for _ in range(2)}
    assert len(ids) == 1


def test_login_works_with_an_old_token_in_the_header(api):
    answer = api.post("/api/auth/dev/login", {"name": "Ann"}, format="json", HTTP_AUTHORIZATION="Bearer old")
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "put", "options"])
def test_login_is_not_there_while_it_is_off(api, settings, method):
    settings.UNITEMATE_DEV_LOGIN = False
    for body in ({"name": "Ann"}, [], {}):
        assert (
            errors_of(getattr(api, method)("/api/auth/dev/login", body, format="json"), 404)[0]["code"] == "not_found"
        )
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "\u200b", "a\0b", "x" * 51, None, 7, True, ["Ann"], {"a": 1}])
def test_login_wants_a_name(api, name):
    assert errors_of(api.post("/api/auth/dev/login", {"name": name}, format="json"), 400)[0]["attr"] == "name"
    assert not User.objects.exists()


def test_logins_are_limited_unless_limits_are_off(api, settings, monkeypatch):
    monkeypatch.setattr("rest_framework.throttling.ScopedRateThrottle.THROTTLE_RATES", {"login": "2/min"})
    address = {"REMOTE_ADDR": "192.0.2.1"}
    settings.UNITEMATE_LIMITS = True
    answers = [api.post("/api/auth/dev/login", {"name": "Ann"}, format="json", **address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert errors_of(answers[2], 429)[0]["code"] == "throttled"
    settings.UNITEMATE_LIMITS = False
    assert api.post("/api/auth/dev/login", {"name": "Ann"}, format="json", **address).status_code == 200


# --- the caller ---------------------------------------------------------------------------------


def test_me_has_every_field_of_the_projection(sign_in):
    client, user = sign_in("Ann")
    me = client.get("/api/users/me").json()
    epoch = me.pop("epoch")
    assert epoch
    assert me.pop("seq") == 1
    assert me == {
        "user_id": user.pk,
        "trainer_name": "Ann",
        "bio": "",
        "preferred_roles": [],
        "twitter_id": "",
        "discord_username": "",
        "discord_avatar_url": "",
        "badges": {"owned": [], "equipped": []},
        "rate": 1500,
        "max_rate": 1500,
        "last_rate_delta": 0,
        "match_count": 0,
        "win_count": 0,
        "win_rate": 0.0,
        "queue": None,
        "match_id": None,
        "penalty": None,
        "notice": None,
    }


def test_me_follows_what_is_written(sign_in, make_badges):
    client, user = sign_in("Ann", rate=1600, match_count=3, win_count=2)
    first = client.get("/api/users/me").json()
    assert client.get("/api/users/me").json()["seq"] == first["seq"]
    for badge in make_badges("a", "b"):
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=["b"])
    until = timezone.now() + timedelta(hours=1)
    services.penalty_give(user=user, points=2, reason="x", until=until)
    services.penalty_give(user=user, points=1, reason="y")
    me = client.get("/api/users/me").json()
    assert me["seq"] == first["seq"] + 1
    assert me["badges"] == {"owned": ["a", "b"], "equipped": ["b"]}
    assert me["penalty"]["points"] == 3
    assert me["penalty"]["until"].endswith("Z")
    assert me["win_rate"] == 0.667


def test_a_profile_is_read_and_changed(sign_in, make_user):
    client, _ = sign_in("Ann")
    other = make_user("Bob")
    profile = {
        "trainer_name": "Anna",
        "bio": "one\ntwo",
        "preferred_roles": ["TANK"],
        "twitter_id": "anna",
        "blocked_user_ids": [other.pk],
    }
    answer = client.patch("/api/users/me/profile", {**profile, "twitter_id": "@anna"}, format="json")
    assert (answer.status_code, answer.json()) == (200, profile)
    assert client.get("/api/users/me/profile").json() == profile
    assert client.patch("/api/users/me/profile", {}, format="json").json() == profile
    assert client.patch("/api/users/me/profile", {"bio": ""}, format="json").json() == {**profile, "bio": ""}


def test_discord_is_set(sign_in):
    client, _ = sign_in()
    discord = {"discord_username": "ann.", "discord_avatar_url": "https://cdn.discordapp.com/a.png"}
    answer = client.put("/api/users/me/discord", discord, format="json")
    assert (answer.status_code, answer.json()) == (200, discord)
    me = client.get("/api/users/me").json()
    assert discord.items() <= me.items()


def test_badges_are_worn(sign_in, make_badges):
    client, user = sign_in()
    for badge in make_badges("a", "b"):
        services.badge_grant(user=user, badge=badge)
    assert client.get("/api/users/me/badges").json() == {"owned": ["a", "b"], "equipped": []}
    for _ in range(2):
        answer = client.put("/api/users/me/badges/equip", {"badges": ["b", "a"]}, format="json")
        assert (answer.status_code, answer.json()) == (200, {"owned": ["a", "b"], "equipped": ["b", "a"]})
    for refused in (["a", "a"], ["c"]):
        errors = errors_of(client.put("/api/users/me/badges/equip", {"badges": refused}, format="json"), 400)
        assert errors[0]["attr"] == "badges"
    assert client.get("/api/users/me/badges").json()["equipped"] == ["b", "a"]


# --- everybody ----------------------------------------------------------------------------------


def test_a_public_profile(api, make_user, make_badges):
    user = make_user(
        "Ann", bio="x", twitter_id="ann", preferred_roles=["TANK"], rate=1520, max_rate=1530, match_count=4, win_count=1
    )
    for badge in make_badges("a", "b"):
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=["b"])
    assert api.get(f"/api/users/{user.pk}").json() == {
        "user_id": user.pk,
        "trainer_name": "Ann",
        "bio": "x",
        "twitter_id": "ann",
        "preferred_roles": ["TANK"],
        "badges": ["b"],
        "rate": 1520,
        "max_rate": 1530,
        "match_count": 4,
        "win_count": 1,
        "win_rate": 0.25,
    }


@pytest.mark.parametrize(
    "user_id", ["nobody", "a" * 16, "%00", "a%00" + "b" * 14, "%ED%A0%80", "x" * 500, "1 or 1=1", "あ"]
)
def test_who_is_not_there_is_a_404(api, user_id):
    assert errors_of(api.get(f"/api/users/{user_id}"), 404)[0]["code"] == "not_found"


def test_a_deactivated_account_has_no_public_profile(api, make_user):
    assert api.get(f"/api/users/{make_user(is_active=False).pk}").status_code == 404


def test_the_ranking_is_by_rate_with_shared_ranks(api, make_user):
    for name, rate in (("a", 1500), ("b", 1600), ("c", 1550), ("d", 1550), ("e", 1400)):
        make_user(name, rate=rate, match_count=1)
    make_user("never-played", rate=1700)
    make_user("banned", rate=1800, match_count=1, banned_at=timezone.now())
    answer = api.get("/api/users/ranking").json()
    assert (answer["count"], answer["next"], answer["previous"], answer["me"]) == (5, None, None, None)
    assert [(row["rank"], row["rate"]) for row in answer["results"]] == [
        (1, 1600),
        (2, 1550),
        (2, 1550),
        (4, 1500),
        (5, 1400),
    ]
    pages = [api.get("/api/users/ranking", {"page": page, "page_size": 2}).json()["results"] for page in (1, 2, 3)]
    assert [row for page in pages for row in page] == answer["results"]


def test_the_ranking_shows_the_callers_place(sign_in, make_user):
    for _ in range(3):
        make_user(rate=1600, match_count=1)
    client, user = sign_in("Ann")
    assert client.get("/api/users/ranking").json()["me"] is None  # has not played
    User.objects.filter(pk=user.pk).update(match_count=2, win_count=1)
    answer = client.get("/api/users/ranking", {"page_size": 1}).json()
    assert len(answer["results"]) == 1
    assert answer["me"] == {
        "rank": 4,
        "user_id": user.pk,
        "trainer_name": "Ann",
        "tag": None,
        "badges": [],
        "rate": 1500,
        "max_rate": 1500,
        "match_count": 2,
        "win_count": 1,
        "win_rate": 0.5,
    }


def test_an_empty_ranking(api):
    assert api.get("/api/users/ranking").json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
        "me": None,
    }


@pytest.mark.parametrize("page", ["0", "-1", "x", "2", "9" * 400, "\0"])
def test_a_page_that_is_not_there_is_a_404(api, page):
    errors_of(api.get("/api/users/ranking", {"page": page}), 404)


@pytest.mark.parametrize("page_size", ["0", "-1", "x", "9" * 400, "\0"])
def test_a_page_has_a_sensible_size_whatever_is_asked(api, page_size):
    assert api.get("/api/users/ranking", {"page_size": page_size}).status_code == 200


def test_the_ranking_takes_the_same_number_of_queries_for_any_page(
    api, make_user, make_badges, django_assert_max_num_queries
):
    (badge,) = make_badges("a")
    for _ in range(20):
        services.badge_grant(user=make_user(match_count=1), badge=badge)
    with django_assert_max_num_queries(5):
        assert len(api.get("/api/users/ranking").json()["results"]) == 20


def test_the_catalogue(api):
    badges.install()
    answer = api.get("/api/badges").json()
    assert answer["count"] == len(badges.CATALOGUE) == 8
    assert [badge["id"] for badge in answer["results"]] == [entry.badge_id for entry in badges.CATALOGUE]
    assert answer["results"][0].keys() == {"id", "name", "earned_by", "look"}
    assert answer["results"][0]["look"].keys() == {"icon", "colour"}


def test_the_catalogue_keeps_what_staff_have_changed(db):
    badges.install()
    Badge.objects.filter(pk="first-win").update(name="Erster Sieg")
    badges.install()
    assert Badge.objects.get(pk="first-win").name == "Erster Sieg"
