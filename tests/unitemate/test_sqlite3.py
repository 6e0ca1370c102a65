"""Writers of SQLite wait for each other, each about as long, and not for ever."""

import sqlite3
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from realtime.models import DirtyStream
from unitemate.sqlite3 import base

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def other():
    """Another program that holds the write lock."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def write():
    with transaction.atomic():
        DirtyStream.objects.create(stream="queue")


def test_a_writer_asks_again_at_the_same_pace_however_long_it_waits(other, monkeypatch):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 50:
            other.execute("COMMIT")

    monkeypatch.setattr(base.time, "sleep", pause)
    write()
    assert len(pauses) == 50
    assert all(base.PACE[0] <= seconds <= base.PACE[1] for seconds in pauses)


def test_a_lock_that_is_never_given_up_is_told_in_time(other, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="locked"):
        write()
    assert 0.2 <= time.monotonic() - began < 5
    other.execute("ROLLBACK")
    write()  # the connection is as good as before


def test_many_writers_all_get_their_turn():
    def work():
        for _ in range(20):
            write()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DirtyStream.objects.count() == 160
