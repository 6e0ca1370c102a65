"""Writers of SQLite wait for each other, each about as long, and not for ever."""

import sqlite3
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from realtime.models import Mark

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
        Mark.objects.create(stream="queue")


def test_a_writer_goes_on_soon_after_the_other_is_done(other):
    released = []

    def release():
        released.append(time.monotonic())
        other.execute("COMMIT")

    threading.Timer(0.5, release).start()
    write()
    assert time.monotonic() - released[0] < 0.09  # SQLite's own pause would be 0.1 s by then


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
    assert Mark.objects.count() == 160
