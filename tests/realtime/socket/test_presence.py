"""Presence: an owner is present from the first connection to five seconds after the last, on any worker."""

import asyncio
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from realtime.models import Presence, Worker
from realtime.socket import presence as presence_module
from realtime.socket.presence import PresenceKeeper
from tests.waiting import on_database, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def keeper():
    keeper = PresenceKeeper(offline_delay=0.05, batch=0.0)
    await keeper.start()
    yield keeper
    await keeper.stop()


async def until_present(*owners: str) -> None:
    await until(lambda: set(Presence.objects.values_list("owner", flat=True)) == set(owners))


async def test_an_owner_is_present_while_any_connection_lives(keeper):
    keeper.arrived("ann")
    keeper.arrived("ann")
    await until_present("ann")
    keeper.left("ann")
    keeper.arrived("ben")
    await until_present("ann", "ben")
    keeper.left("ann")
    await until_present("ben")


async def test_a_reload_within_the_grace_is_not_seen():
    keeper = PresenceKeeper(offline_delay=60.0, batch=0.0)
    await keeper.start()
    keeper.arrived("ann")
    await until_present("ann")
    (before,) = await on_database(list)(Presence.objects.values_list("pk", flat=True))
    keeper.left("ann")
    keeper.arrived("ann")
    keeper.arrived("ben")  # written in a later batch, so that the first has passed
    await until_present("ann", "ben")
    assert before in await on_database(list)(Presence.objects.values_list("pk", flat=True))
    await keeper.stop()


async def test_stopping_takes_the_rows_away(keeper):
    keeper.arrived("ann")
    await until_present("ann")
    await keeper.stop()
    assert not await on_database(Worker.objects.exists)()
    assert not await on_database(Presence.objects.exists)()


async def test_the_workers_row_says_what_runs_and_at_once_that_it_is_ending(settings):
    settings.RELEASE = "v7"
    ending = False
    keeper = PresenceKeeper(lambda: ending, renew_every=3600.0)
    await keeper.start()
    await until(lambda: Worker.objects.filter(pk=keeper.worker_id, release="v7", draining=False).exists())
    ending = True
    keeper.renew_soon()
    await until(lambda: Worker.objects.filter(pk=keeper.worker_id, draining=True).exists())
    await keeper.stop()


async def test_a_renewal_that_is_under_way_when_it_stops_leaves_no_row(monkeypatch):
    keeper = PresenceKeeper(renew_every=3600.0)
    await keeper.start()
    await until(lambda: Worker.objects.filter(pk=keeper.worker_id).exists())
    renewing, deleted = threading.Event(), threading.Event()
    renew, delete = presence_module._renew, presence_module._delete_worker

    def renew_late(*arguments):
        renewing.set()
        deleted.wait(0.3)  # whoever does not wait for this renewal deletes the row meanwhile
        return renew(*arguments)

    def delete_and_tell(*arguments):
        delete(*arguments)
        deleted.set()

    monkeypatch.setattr(presence_module, "_renew", renew_late)
    monkeypatch.setattr(presence_module, "_delete_worker", delete_and_tell)
    keeper.renew_soon()
    await asyncio.to_thread(renewing.wait, 10)
    await keeper.stop()
    assert not await on_database(Worker.objects.exists)()


async def test_the_rows_of_a_dead_worker_go_and_those_of_the_living_stay(keeper):
    keeper.arrived("ann")
    await until_present("ann")

    def die() -> None:
        dead = Worker.objects.create(worker_id="dead", expires_at=timezone.now() - timedelta(seconds=1))
        Presence.objects.create(worker=dead, owner="ghost")
        Presence.objects.create(worker=dead, owner="ann")

    await on_database(die)()
    await on_database(presence_module._renew)(keeper.worker_id)
    await until_present("ann")


async def test_a_worker_taken_for_dead_writes_its_rows_again(keeper, monkeypatch):
    keeper.arrived("ann")
    await until_present("ann")
    await on_database(Worker.objects.all().delete)()
    await on_database(presence_module._renew)(keeper.worker_id)
    keeper.write_anew()
    await until_present("ann")


async def test_an_owner_who_polls_is_present_until_three_polls_have_not_come(keeper, settings):
    settings.POLL_INTERVAL = 3600.0
    await on_database(lambda: keeper.seen("ann"))()  # as a view does, in a thread of its own
    await until_present("ann")
    settings.POLL_INTERVAL = 0.01
    keeper.seen("ann")  # the last: from here on the time is short
    await until_present()


async def test_each_poll_gives_the_full_time_anew(keeper, settings, monkeypatch):
    asked = []
    timers = keeper._loop.call_later
    monkeypatch.setattr(keeper._loop, "call_later", lambda *arguments: asked.append(arguments) or timers(*arguments))
    settings.POLL_INTERVAL = 3600.0
    keeper.seen("ann")
    keeper.seen("ann")
    await until_present("ann")
    polls = [(length, owner) for length, _, owner in (each for each in asked if len(each) == 3)]
    assert polls == [(3 * 3600.0, "ann")] * 2
    assert len(keeper._polling) == 1


async def test_the_end_of_a_connection_leaves_one_present_who_polls(keeper, settings):
    settings.POLL_INTERVAL = 3600.0
    keeper.arrived("ann")
    keeper.seen("ann")
    keeper.left("ann")
    keeper.arrived("ben")
    await until(lambda: not keeper._leaving)
    await until_present("ann", "ben")
