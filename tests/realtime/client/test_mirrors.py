"""What a client holds of each frame, and what it asks for; no input or output."""

import pytest

from realtime.client import Counters, Mirrors
from realtime.protocol.frames import MAX_STREAMS


@pytest.fixture
def changed():
    return []


@pytest.fixture
def mirrors(changed):
    mirrors = Mirrors(Counters(), changed.append)
    mirrors.take_snapshot("queue", "e", 5, {"total_waiting": 3, "role_counts": {"TANK": 1}})
    changed.clear()
    return mirrors


def update(prev, seq, changes, *, stream="queue", epoch="e"):
    return {"stream": stream, "epoch": epoch, "prev": prev, "seq": seq, "changes": changes}


RESYNC = [{"action": "resync", "stream": "queue"}]


def test_an_update_that_follows_is_merged(mirrors, changed):
    assert mirrors.take_update(update(5, 7, {"role_counts": {"TANK": None, "SUPPORT": 2}})) == []
    assert mirrors.document("queue") == {"total_waiting": 3, "role_counts": {"SUPPORT": 2}}
    assert mirrors.have() == {"queue": {"epoch": "e", "seq": 7}}
    assert changed == ["queue"]


@pytest.mark.parametrize(("prev", "seq"), [(4, 5), (3, 4), (0, 1)])
def test_an_update_at_or_below_what_is_held_is_ignored(mirrors, changed, prev, seq):
    assert mirrors.take_update(update(prev, seq, {"total_waiting": 9})) == []
    assert mirrors.document("queue")["total_waiting"] == 3
    assert changed == []


@pytest.mark.parametrize("frame", [update(6, 7, {}), update(4, 6, {}), update(5, 6, {}, epoch="f")])
def test_a_gap_is_asked_for_once(mirrors, changed, frame):
    assert mirrors.take_update(frame) == RESYNC
    assert mirrors.take_update(frame) == []
    assert changed == []


def test_after_the_answer_a_further_gap_is_asked_for_again(mirrors):
    mirrors.take_update(update(6, 7, {}))
    mirrors.take_snapshot("queue", "e", 7, {})
    assert mirrors.take_update(update(8, 9, {})) == RESYNC


@pytest.mark.parametrize("again", [Mirrors.reconnected, Mirrors.refused])
def test_an_ask_that_gets_no_answer_may_be_made_again(mirrors, again):
    mirrors.take_update(update(6, 7, {}))
    again(mirrors)
    assert mirrors.take_update(update(6, 7, {})) == RESYNC


def test_an_update_of_a_stream_that_is_not_held_is_a_gap(mirrors):
    assert mirrors.take_update(update(1, 2, {}, stream="match_x")) == [{"action": "resync", "stream": "match_x"}]


def test_a_snapshot_replaces_what_is_held(mirrors, changed):
    mirrors.take_snapshot("queue", "f", 1, {"total_waiting": 0})
    assert mirrors.document("queue") == {"total_waiting": 0}
    assert mirrors.have() == {"queue": {"epoch": "f", "seq": 1}}
    assert changed == ["queue"]


@pytest.mark.parametrize("head", [6, 4])
def test_a_head_that_differs_is_asked_for_unless_the_mirror_moves_meanwhile(mirrors, head):
    doubts = mirrors.doubts({"queue": head})
    assert mirrors.settle(doubts) == RESYNC
    mirrors.take_snapshot("queue", "e", head, {})
    assert mirrors.settle(doubts) == []


def test_equal_heads_raise_no_doubt_and_an_unknown_stream_does(mirrors):
    assert mirrors.doubts({"queue": 5}) == {}
    doubts = mirrors.doubts({"queue": 5, "match_x": 1})
    assert mirrors.settle(doubts) == [{"action": "resync", "stream": "match_x"}]


def test_a_poll_changes_only_what_differs(mirrors, changed):
    mirrors.take_polled({"queue": ("e", 5, {"other": 1}), "user_u": ("e", 1, {})})
    assert changed == ["user_u"]
    mirrors.take_polled({"queue": ("e", 6, {"other": 1})})
    assert mirrors.document("queue") == {"other": 1}


def test_a_poll_that_a_snapshot_has_overtaken_sets_nothing_back(mirrors, changed):
    mirrors.begin_poll()
    mirrors.take_snapshot("queue", "f", 1, {"total_waiting": 0})
    mirrors.take_polled({"queue": ("e", 6, {"total_waiting": 9}), "user_u": ("e", 1, {})})
    assert mirrors.have()["queue"] == {"epoch": "f", "seq": 1}
    assert changed == ["queue", "user_u"]
    mirrors.begin_poll()
    mirrors.take_polled({"queue": ("g", 1, {})})
    assert mirrors.have()["queue"] == {"epoch": "g", "seq": 1}


def test_a_poll_that_an_update_has_overtaken_sets_nothing_back(mirrors):
    mirrors.begin_poll()
    mirrors.take_update(update(5, 7, {"total_waiting": 7}))
    mirrors.take_polled({"queue": ("e", 6, {"total_waiting": 6})})
    assert mirrors.document("queue")["total_waiting"] == 7


def test_a_poll_does_not_bring_back_what_was_given_up_meanwhile(mirrors):
    mirrors.begin_poll()
    mirrors.forget("queue")
    mirrors.take_polled({"queue": ("e", 6, {})})
    assert mirrors.document("queue") is None
    mirrors.begin_poll()
    mirrors.take_polled({"queue": ("e", 6, {})})
    assert mirrors.document("queue") == {}


def test_have_names_no_more_streams_than_the_server_takes(mirrors):
    for number in range(MAX_STREAMS):
        mirrors.take_snapshot(f"match_{number}", "e", 1, {})
    assert len(mirrors.have()) == MAX_STREAMS
    assert f"match_{MAX_STREAMS - 1}" in mirrors.have()


def test_what_is_forgotten_is_neither_held_nor_named(mirrors):
    mirrors.forget("queue")
    mirrors.forget("queue")
    assert mirrors.document("queue") is None
    assert mirrors.have() == {}
