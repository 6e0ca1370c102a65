"""A provider that takes its time, and tokens that make the service ask it: who need not wait for that does not."""

import asyncio

import pytest

from realtime.database.batcher import CONCURRENT_BATCHES, MAX_BATCH
from realtime.identity import UNAVAILABLE, Deferred, Identity, Rejected, authenticate
from realtime.socket.signin import SignIn
from tests.users.provider import Clock, Provider
from tests.waiting import on_database
from users import tokens
from users.jwks import ASKED_FOR_LONG, FRESH_FOR, KeysAwaited, KeySet, KeysUnavailable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def known(provider: Provider) -> str:
    """A token whose key has been fetched; the provider hangs from now on."""
    token = provider.current_token()
    tokens.verify(token)
    provider.delay.clear()
    return token


def unknown(provider: Provider, number: int = 0) -> str:
    """A token that names a key which nobody has heard of."""
    return provider.current_token(headers={"kid": f"made up {number}"})


def test_an_unknown_key_delays_no_other_token(provider, clock, known):
    clock.seconds += 11
    found = authenticate([unknown(provider), known])
    assert isinstance(found[0], Deferred)
    assert isinstance(found[1], Identity)
    assert not found[0].ready.done()
    provider.delay.set()
    found[0].ready.result(10)
    (answer,) = authenticate([unknown(provider)])
    assert isinstance(answer, Rejected)
    assert answer.code == 4401


def test_a_known_key_that_is_old_serves_while_the_provider_is_asked(provider, clock, known):
    clock.seconds += FRESH_FOR + 1
    (found,) = authenticate([known])
    assert isinstance(found, Identity)
    assert provider.asked.wait(10)


def test_a_key_that_nobody_has_asked_for_in_long_is_asked_for_first(provider, rsa_keys, clock, known):
    """It may have been withdrawn meanwhile."""
    provider.rotate(rsa_keys[1], "second")
    clock.seconds += ASKED_FOR_LONG
    (found,) = authenticate([known])
    assert isinstance(found, Deferred)
    provider.delay.set()
    found.ready.result(10)
    (answer,) = authenticate([known])
    assert isinstance(answer, Rejected)


async def test_many_unknown_keys_hold_no_sign_in_up(provider, clock, known):
    clock.seconds += 11
    sign_in = SignIn()
    waiting = [asyncio.create_task(sign_in(unknown(provider, n))) for n in range(CONCURRENT_BATCHES * MAX_BATCH + 10)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert isinstance(await sign_in(known), Identity)
    assert not any(task.done() for task in waiting)
    waiting[0].cancel()  # one that goes cancels the asking for nobody
    await asyncio.sleep(0)
    provider.delay.set()
    answers = await asyncio.gather(*waiting[1:])
    assert {answer.code for answer in answers} == {4401}
    assert provider.requests == 2


async def test_who_waits_too_long_is_to_come_back(provider, clock, known):
    clock.seconds += 11
    assert await SignIn(within=0.05)(unknown(provider)) is UNAVAILABLE


async def test_a_first_sign_in_waits_for_the_first_keys(provider):
    token = await on_database(provider.current_token)()
    assert isinstance(await SignIn()(token), Identity)


def test_a_thread_that_cannot_be_had_is_as_a_provider_that_is_down():
    def refuse(job) -> None:
        raise RuntimeError("can't start new thread")

    keys = KeySet("https://id.example/keys", fetch=lambda url: b"", clock=Clock(), start=refuse)
    with pytest.raises(KeysUnavailable) as refused:
        keys.key("x", wait=False)
    assert not isinstance(refused.value, KeysAwaited)
