"""Tokens: what is accepted, and every way to forge one that we know of."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.users.provider import NOW, public_jwk, public_pem
from users import tokens
from users.tokens import Claims, IdentityUnavailable, InvalidToken, issue_dev_token, verify


def _segment(value) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _hs256(header: dict, payload: dict, secret: bytes) -> str:
    """Sign by hand: the library refuses to use a public key as a secret."""
    signed = f"{_segment(header)}.{_segment(payload)}"
    return f"{signed}.{_segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _refused(token: str, now: float = NOW) -> None:
    with pytest.raises(InvalidToken):
        verify(token, now=now)


# --- the provider -------------------------------------------------------------------------------


def test_a_token_of_the_provider_is_accepted(provider):
    claims = verify(provider.token(email="mew@example.com", discord_username="mew_"), now=NOW)
    assert claims == Claims(
        subject="oauth2|discord|112233445566778899",
        expires_at=NOW + 3600,
        issued_at=NOW - 10,
        name="Mew",
        email="mew@example.com",
        discord_id="112233445566778899",
        discord_username="mew_",
    )


def test_claims_under_a_namespace_are_read(provider):
    claims = verify(
        provider.token(
            sub="auth0|1", name=None, **{"https://x.example/discord_id": "42", "https://x.example/name": "Aipom"}
        ),
        now=NOW,
    )
    assert (claims.name, claims.discord_id) == ("Aipom", "42")


@pytest.mark.parametrize(
    "claims",
    [
        {"name": "mew@example.com", "email": "mew@example.com"},
        {"name": "mew", "email": "mew@example.com"},
        {"name": "112233445566778899"},
        {"name": "oauth2|discord|112233445566778899"},
        {"name": None},
        {"name": ["Mew"]},
    ],
)
def test_personal_data_is_no_name(provider, claims):
    assert verify(provider.token(**claims), now=NOW).name == ""


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": 7},
        {"aud": []},
        {"iss": "https://evil.example/"},
        {"iss": None},
        {"iss": ["x"]},
        {"exp": None},
        {"exp": NOW - 1},
        {"exp": NOW},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"exp": 10**15},
        {"nbf": NOW + 3600},
        {"nbf": "later"},
        {"iat": NOW + 3600},
        {"iat": []},
        {"sub": None},
        {"sub": 7},
        {"sub": ["x"]},
        {"sub": ""},
        {"sub": "a\0b"},
        {"sub": "\ud800"},
        {"sub": "x" * 256},
        {"sub": "dev|Ann"},
    ],
    ids=str,
)
def test_a_claim_that_does_not_fit_is_refused(provider, claims):
    _refused(provider.token(**claims))


def test_clocks_may_differ_a_little(provider):
    assert verify(provider.token(iat=NOW + 20, nbf=NOW + 20), now=NOW)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_refused(provider, algorithm):
    header = {"alg": algorithm, "typ": "JWT", "kid": provider.key_id}
    _refused(f"{_segment(header)}.{_segment(provider.payload())}.")
    _refused(f"{_segment(header)}.{_segment(provider.payload())}.{_segment(b'x' * 256)}")


@pytest.mark.parametrize("secret", ["pem", "jwk", "empty"])
@pytest.mark.parametrize("issuer", [None, tokens.DEV_ISSUER])
def test_the_public_key_is_no_secret(provider, secret, issuer):
    secrets = {
        "pem": public_pem(provider.key),
        "jwk": json.dumps(provider.keys[0]).encode(),
        "empty": b"",
    }
    payload = provider.payload()
    if issuer:
        payload = {"iss": issuer, "sub": "dev|Ann", "exp": NOW + 60}
    _refused(_hs256({"alg": "HS256", "typ": "JWT", "kid": provider.key_id}, payload, secrets[secret]))


def test_the_development_key_signs_nothing_for_the_provider(provider):
    payload = provider.payload()
    header = {"alg": "HS256", "typ": "JWT", "kid": provider.key_id}
    _refused(_hs256(header, payload, tokens._dev_key()))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "HS384", "HS512"])
def test_other_algorithms_are_refused(provider, algorithm):
    key = b"k" * 64 if algorithm.startswith("HS") else provider.key
    _refused(provider.token(key=key, algorithm=algorithm))


def test_another_key_under_the_same_id_is_refused(provider, rsa_keys):
    _refused(provider.token(key=rsa_keys[1]))


def test_an_unknown_key_id_is_refused(provider, rsa_keys):
    _refused(provider.token(key=rsa_keys[1], headers={"kid": "foreign"}))


def test_a_token_without_a_key_id_is_refused(provider):
    _refused(jwt.encode(provider.payload(), provider.key, algorithm="RS256"))


def test_addresses_and_keys_in_the_header_are_not_followed(provider, rsa_keys):
    other = type(provider)(rsa_keys[1], "elsewhere")
    try:
        url = f"{other.issuer}.well-known/jwks.json"
        for extra in ({"jku": url}, {"x5u": url}, {"jwk": public_jwk(rsa_keys[1], "elsewhere")}):
            _refused(provider.token(key=rsa_keys[1], headers={"kid": "elsewhere", **extra}))
            _refused(provider.token(key=rsa_keys[1], headers=extra))
        assert other.requests == 0
    finally:
        other.take_down()


def test_a_changed_payload_is_refused(provider):
    head, _, signature = provider.token().split(".")
    _refused(f"{head}.{_segment(provider.payload(sub='auth0|someone-else'))}.{signature}")


def test_an_oversized_token_is_refused_unread(provider):
    _refused(provider.token(padding="x" * 8000))
    assert provider.requests == 0


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "..",
        "a.b.c",
        "é.é.é",
        "\ud800.a.b",
        "\0.\0.\0",
        _segment({"alg": "RS256"}) + "..",
        _segment([]) + ".e30.",
        _segment({"alg": ["RS256"], "kid": "first"}) + ".e30.",
        _segment({"alg": "RS256", "kid": 7}) + ".e30.",
        _segment({"alg": "RS256", "kid": "first", "crit": ["exp"]}) + ".e30.",
        _segment({"alg": "RS256", "kid": "first", "b64": False, "crit": ["b64"]}) + ".e30.",
        _segment(b"[" * 5000) + ".e30.",
        None,
        7,
        b"a.b.c",
    ],
)
def test_what_is_no_token_is_refused(provider, token):
    _refused(token)


def test_a_signed_payload_that_is_no_object_is_refused(provider):
    for payload in (b"[]", b"7", b"\xff", b"[" * 5000):
        _refused(jwt.api_jws.encode(payload, provider.key, "RS256", {"kid": provider.key_id}))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_of_a_weak_key_is_refused(provider):
    provider.rotate(generate_private_key(public_exponent=65537, key_size=1024), "weak")  # noqa: S505
    _refused(provider.token())


# --- which provider -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("example.eu.auth0.com", "https://example.eu.auth0.com/"),
        ("https://id.example.com/", "https://id.example.com/"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
        ("http://localhost:9000", "http://localhost:9000/"),
        ("http://example.com", None),
        ("http://127.0.0.1.example.com", None),
        ("http://127.0.0.1@example.com", None),
        ("ftp://127.0.0.1", None),
        ("", None),
    ],
)
def test_keys_come_over_https_or_from_this_machine(settings, domain, url):
    settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE = domain, "audience"
    assert tokens.provider_url() == url


def test_without_an_audience_there_is_no_provider(settings, provider):
    settings.AUTH0_AUDIENCE = ""
    _refused(provider.token())
    assert provider.requests == 0


# --- rotation and outage ------------------------------------------------------------------------


def test_a_new_key_is_fetched_when_it_is_first_seen(provider, rsa_keys, clock):
    old = provider.token()
    assert verify(old, now=NOW)
    provider.rotate(rsa_keys[1], "second")
    clock.seconds += 11
    assert verify(provider.token(), now=NOW)
    assert provider.requests == 2
    _refused(old)  # the withdrawn key is gone with it


def test_a_withdrawn_key_is_noticed_in_time(provider, rsa_keys, clock):
    old = provider.token()
    assert verify(old, now=NOW)
    provider.rotate(rsa_keys[1], "second")
    clock.seconds += 601
    _refused(old)


def test_known_keys_serve_while_the_provider_is_down(provider, clock):
    token = provider.token()
    assert verify(token, now=NOW)
    provider.take_down()
    clock.seconds += 3600
    assert verify(token, now=NOW)


def test_without_any_key_nothing_can_be_said(provider):
    token = provider.token()
    provider.take_down()
    with pytest.raises(IdentityUnavailable):
        verify(token, now=NOW)


def test_the_provider_coming_back_is_noticed(provider, clock):
    provider.body = b"out of order"
    with pytest.raises(IdentityUnavailable):
        verify(provider.token(), now=NOW)
    provider.body = None
    with pytest.raises(IdentityUnavailable):  # asked just now
        verify(provider.token(), now=NOW)
    clock.seconds += 11
    assert verify(provider.token(), now=NOW)


# --- the development login ----------------------------------------------------------------------


def test_a_development_token_is_accepted(settings):
    settings.UNITEMATE_DEV_LOGIN = True
    token, expires_in = issue_dev_token("Ann", lifetime=60, now=NOW)
    assert expires_in == 60
    assert verify(token, now=NOW) == Claims(subject="dev|Ann", expires_at=NOW + 60, issued_at=NOW, name="Ann")
    _refused(token, now=NOW + 60)


@pytest.mark.parametrize("name", ["名無しさん", "👩‍🚀", "a b", "x" * 50])
def test_any_name_makes_a_token(name):
    assert verify(issue_dev_token(name)[0]).name == name


def test_a_development_token_counts_only_while_the_login_is_on(settings):
    token, _ = issue_dev_token("Ann", now=NOW)
    settings.UNITEMATE_DEV_LOGIN = False
    _refused(token)
    with pytest.raises(InvalidToken):
        issue_dev_token("Ann")


def test_a_development_token_of_another_secret_is_refused(settings):
    token, _ = issue_dev_token("Ann", now=NOW)
    settings.SECRET_KEY = "another" * 10
    _refused(token)


@pytest.mark.parametrize(
    "claims", [{"iss": "other"}, {"sub": "auth0|1"}, {"iss": None}, {"exp": None}, {"aud": "someone"}], ids=str
)
def test_a_development_token_stays_in_its_place(claims):
    payload = {"iss": tokens.DEV_ISSUER, "sub": "dev|Ann", "exp": NOW + 60, **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    _refused(jwt.encode(payload, tokens._dev_key(), algorithm="HS256"))


def test_the_secret_key_itself_signs_no_token(settings):
    payload = {"iss": tokens.DEV_ISSUER, "sub": "dev|Ann", "exp": NOW + 60}
    _refused(jwt.encode(payload, settings.SECRET_KEY, algorithm="HS256"))


def test_a_development_token_signed_by_the_provider_is_refused(provider):
    _refused(provider.token(iss=tokens.DEV_ISSUER, sub="dev|Ann", aud=None))
