"""Who is let in over REST and over the socket."""

import logging

import pytest

from realtime.identity import Deferred, Identity, Rejected, authenticate
from tests.users.provider import NOW
from users import services, tokens
from users.models import User

pytestmark = pytest.mark.django_db
ME = "/api/users/me"
PUBLIC = "/api/badges"


@pytest.mark.parametrize("path", [ME, PUBLIC])
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer nonsense",
        "Basic YTpi",
        "nonsense",
        "Bearer \xff",
        "Bearer " + "x" * 9000,
    ],
)
def test_a_bad_header_is_a_401_everywhere(api, path, header):
    response = api.get(path, HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["type"] == "client_error"
    assert response.json()["errors"][0]["code"] == "authentication_failed"


def test_without_a_token_only_public_routes_answer(api):
    assert api.get(PUBLIC).status_code == 200
    response = api.get(ME)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["errors"][0]["code"] == "not_authenticated"


def test_the_token_of_the_provider_makes_the_account(api, provider):
    api.credentials(HTTP_AUTHORIZATION=f"bearer {provider.current_token()}")
    first, again = api.get(ME), api.get(ME)
    assert first.status_code == 200
    assert first.json()["trainer_name"] == "Mew"
    assert first.json()["user_id"] == again.json()["user_id"] == User.objects.get().user_id


def test_an_expired_token_is_a_401(api):
    token, _ = tokens.issue_dev_token("Ann", now=NOW - 10**6, lifetime=60)
    assert api.get(ME, HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 401
    assert not User.objects.exists()


def test_without_the_provider_the_answer_is_a_503(api, provider):
    token = provider.current_token()
    provider.take_down()
    response = api.get(ME, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert response.json() == {
        "type": "server_error",
        "errors": [
            {
                "code": "identity_unavailable",
                "detail": "Sign-in cannot be checked at the moment. Try again in a few seconds.",
                "attr": None,
            }
        ],
    }


def test_a_banned_account_reads_but_does_not_write(sign_in):
    client, user = sign_in()
    services.user_ban(user=user, reason="x")
    response = client.get(ME)
    assert response.status_code == 200
    assert response.json()["user_id"] == user.pk
    for path in ("profile", "badges"):
        assert client.get(f"{ME}/{path}").status_code == 200
    for call, path in ((client.patch, "profile"), (client.put, "discord"), (client.put, "badges/equip")):
        response = call(f"{ME}/{path}", {}, format="json")
        assert response.status_code == 403
        assert response.json()["errors"][0]["code"] == "banned"


# --- the socket ---------------------------------------------------------------------------------


def answer_for(token: str) -> Identity | Rejected | Deferred:
    """What is found out about a token, once the provider has been asked."""
    (answer,) = authenticate([token])
    if isinstance(answer, Deferred):
        answer.ready.result(10)
        (answer,) = authenticate([token])
    return answer


def identity_of(token: str) -> Identity:
    identity = answer_for(token)
    assert isinstance(identity, Identity)
    return identity


def code_for(token: str) -> int:
    """The code that a socket with this token is closed with."""
    rejected = answer_for(token)
    assert isinstance(rejected, Rejected)
    return rejected.code


def test_a_socket_is_its_owners(provider):
    token = provider.current_token()
    identity = identity_of(token)
    user = User.objects.get()
    assert (identity.owner, identity.is_staff) == (user.user_id, False)
    assert identity.expires_at == tokens.verify(token).expires_at


def test_staff_are_known_on_the_socket(make_user):
    token, _ = tokens.issue_dev_token("Ann")
    owner = identity_of(token).owner
    User.objects.filter(pk=owner).update(is_staff=True)
    assert identity_of(token).is_staff


def test_a_bad_token_closes_with_4401(db):
    for token in ("", "nonsense", tokens.issue_dev_token("Ann", now=NOW - 10**6)[0], "x" * 9000):
        assert code_for(token) == 4401


@pytest.mark.parametrize(
    "shut_out", [{"banned_at": "2026-01-01T00:00Z"}, {"is_active": False}], ids=["banned", "inactive"]
)
def test_an_account_that_is_shut_out_closes_with_4403(shut_out):
    token, _ = tokens.issue_dev_token("Ann")
    User.objects.filter(pk=identity_of(token).owner).update(**shut_out)
    assert code_for(token) == 4403


def test_without_the_provider_a_socket_is_to_come_back(provider):
    token = provider.current_token()
    provider.take_down()
    assert code_for(token) == 1012


def test_many_sockets_at_once_are_told_apart(db, django_assert_max_num_queries):
    names = [f"Player {number}" for number in range(50)]
    sent = [tokens.issue_dev_token(name)[0] for name in names]
    owners = [identity_of(token).owner for token in sent]
    assert len(set(owners)) == len(names)
    banned = sent[7]
    User.objects.filter(pk=owners[7]).update(banned_at="2026-01-01T00:00Z")
    with django_assert_max_num_queries(1):
        answers = authenticate(["nonsense", *sent, sent[0]])
    assert [getattr(answer, "owner", None) for answer in answers] == [
        None if token in ("nonsense", banned) else owner
        for token, owner in zip(["nonsense", *sent, sent[0]], [None, *owners, owners[0]], strict=True)
    ]
    assert [answer.code for answer in answers if isinstance(answer, Rejected)] == [4401, 4403]


def test_newcomers_at_once_get_an_account_each(db):
    sent = [tokens.issue_dev_token(name)[0] for name in ("Ann", "Ben", "Ann")]
    ann, ben, ann_again = [identity.owner for identity in authenticate(sent)]
    assert ann == ann_again != ben
    assert User.objects.count() == 2


# --- personal data ------------------------------------------------------------------------------

PRIVATE = ("112233445566778899", "mew@example.com", "oauth2")


def test_personal_data_is_in_no_answer_and_no_log(api, provider, caplog):
    caplog.set_level(logging.DEBUG)
    token = provider.current_token(email="mew@example.com", discord_username="mew_")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    user_id = api.get(ME).json()["user_id"]
    User.objects.update(match_count=1)
    answers = [
        api.get(f"/api/users/{path}").content.decode() for path in ("me", "me/profile", "me/badges", "ranking", user_id)
    ]
    provider.rotate(provider.key, "other")
    api.get(ME, HTTP_AUTHORIZATION=f"Bearer {token}x")
    assert code_for(f"{token}x") == 4401
    for text in (*answers, caplog.text):
        assert not any(secret in text for secret in (*PRIVATE, token))
    assert all(user_id in answer for answer in (answers[0], answers[3], answers[4]))


def test_public_answers_do_not_name_the_discord_account(api, sign_in):
    _, user = sign_in("Ann", match_count=1)
    services.discord_update(user=user, discord_username="ann_on_discord", discord_avatar_url="https://x.example/ann")
    services.profile_update(user=user, blocked_user_ids=[])
    for path in ("ranking", user.pk):
        text = api.get(f"/api/users/{path}").content.decode()
        assert user.pk in text
        assert "ann_on_discord" not in text
        assert "x.example" not in text
        assert "blocked" not in text
