"""The provider's keys: how often they are asked for, and what of them is used."""

import json
import threading

import httpx
import pytest

from tests.users.provider import public_jwk
from users import jwks
from users.jwks import KeySet, KeysUnavailable, UnknownKey


class Source:
    """A key set that counts how often it is read and fails when told to."""

    def __init__(self, keys) -> None:
        self.keys, self.fails, self.reads = keys, False, 0

    def __call__(self, url: str) -> bytes:
        self.reads += 1
        if self.fails:
            raise httpx.ConnectError("down")
        return json.dumps({"keys": self.keys}).encode()


@pytest.fixture
def source(rsa_keys) -> Source:
    return Source([public_jwk(rsa_keys[0], "first")])


@pytest.fixture
def keys(source, clock) -> KeySet:
    return KeySet("https://id.example/keys", fetch=source, clock=clock, start=lambda job: job())


def test_keys_are_fetched_once(keys, source, clock):
    for _ in range(5):
        assert keys.key("first")
        clock.seconds += 60
    assert source.reads == 1


def test_a_flood_of_unknown_ids_costs_one_fetch_in_ten_seconds(keys, source, clock):
    for second in range(30):
        for number in range(20):
            with pytest.raises(UnknownKey):
                keys.key(f"made-up-{second}-{number}")
        clock.seconds += 1
    assert source.reads == 3


def test_a_flood_while_the_provider_is_down_costs_no_more(keys, source, clock):
    source.fails = True
    for second in range(30):
        with pytest.raises(KeysUnavailable):
            keys.key(f"made-up-{second}")
        clock.seconds += 1
    assert source.reads == 3


def test_a_flood_does_not_keep_known_keys_from_serving(provider, clock):
    keys = KeySet(f"{provider.issuer}.well-known/jwks.json", clock=clock)
    keys.key("first")
    clock.seconds += 11
    provider.asked.clear()
    provider.delay.clear()  # the next fetch hangs

    def ask() -> None:
        with pytest.raises(UnknownKey):
            keys.key("made-up")

    flood = [threading.Thread(target=ask) for _ in range(4)]
    for thread in flood:
        thread.start()
    assert provider.asked.wait(10)
    assert keys.key("first")
    clock.seconds += 600  # old by now, and still served while another thread asks
    assert keys.key("first")
    assert all(thread.is_alive() for thread in flood)  # nobody waited for them
    provider.delay.set()
    for thread in flood:
        thread.join(10)
        assert not thread.is_alive()
    assert provider.requests == 2


def test_many_threads_fetch_once(provider, clock):
    keys = KeySet(f"{provider.issuer}.well-known/jwks.json", clock=clock)
    barrier = threading.Barrier(8)
    found = []

    def ask() -> None:
        barrier.wait()
        found.append(keys.key("first"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8
    assert provider.requests == 1


def test_a_rotated_key_while_the_provider_is_down_is_no_verdict(keys, source, clock):
    assert keys.key("first")
    source.fails = True
    clock.seconds += 11
    with pytest.raises(KeysUnavailable):
        keys.key("second")
    assert keys.key("first")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"keys": 7}', b'{"keys": []}', b"\xff", b"[" * 100_000, b'{"keys": [{"kid": "first"}]}'],
    ids=lambda body: repr(body[:20]),
)
def test_an_answer_that_is_no_key_set_takes_nothing_away(source, clock, body):
    keys = KeySet("https://id.example/keys", fetch=lambda url: answers.pop(0), clock=clock, start=lambda job: job())
    answers = [source(""), body]
    key = keys.key("first")
    clock.seconds += 601
    assert keys.key("first") is key
    assert not answers


def test_only_rsa_signing_keys_are_taken(rsa_keys):
    key = rsa_keys[0]
    entries = [
        public_jwk(key, "good"),
        public_jwk(key, "encryption", use="enc"),
        public_jwk(key, "other-algorithm", alg="RS512"),
        public_jwk(key, "private", d="AQAB"),
        {**public_jwk(key, "malformed"), "n": "!"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "EC", "kid": "curve"},
        public_jwk(key, 7),
        "nonsense",
        None,
    ]
    assert list(jwks.parse(json.dumps({"keys": entries}).encode())) == ["good"]


def test_an_endless_key_set_is_not_read_to_its_end(provider):
    provider.body = b" " * (jwks.LARGEST + 1)
    with pytest.raises(httpx.HTTPError):
        jwks.fetch(f"{provider.issuer}.well-known/jwks.json")


def test_a_missing_key_set_is_an_error(provider):
    with pytest.raises(httpx.HTTPError):
        jwks.fetch(f"{provider.issuer}elsewhere")
