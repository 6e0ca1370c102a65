"""A mirror applies what follows, ignores what it has, and notices what it lacks."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.protocol import Mirror, Position, Verdict, diff


def test_an_update_that_follows_is_applied():
    mirror = Mirror("e", 3, {"a": 1})
    assert mirror.take_update("e", 3, 4, {"a": 2}) is Verdict.APPLIED
    assert mirror == Mirror("e", 4, {"a": 2})


def test_an_update_may_cover_several_changes():
    mirror = Mirror("e", 3, {})
    assert mirror.take_update("e", 3, 9, {"a": 1}) is Verdict.APPLIED
    assert mirror.position == Position("e", 9)


def test_what_is_held_already_is_ignored():
    mirror = Mirror("e", 3, {"a": 1})
    assert mirror.take_update("e", 2, 3, {"a": 0}) is Verdict.STALE
    assert mirror.document == {"a": 1}


def test_a_missing_update_is_noticed():
    mirror = Mirror("e", 3, {"a": 1})
    assert mirror.take_update("e", 4, 5, {"a": 0}) is Verdict.GAP
    assert mirror == Mirror("e", 3, {"a": 1})


def test_a_numbering_that_starts_anew_is_a_gap():
    assert Mirror("e", 3, {}).take_update("f", 0, 1, {}) is Verdict.GAP


def test_a_stream_that_ends_leaves_nothing():
    mirror = Mirror("e", 3, {"a": 1})
    assert mirror.take_update("e", 3, 4, None) is Verdict.APPLIED
    assert mirror.document is None


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 3)), min_size=2, max_size=8), st.randoms())
def test_whatever_the_network_does_a_mirror_is_some_published_state_and_never_goes_back(states, random):
    updates = [(seq - 1, seq, diff(states[seq - 1], states[seq])) for seq in range(1, len(states)) for _ in range(2)]
    random.shuffle(updates)
    mirror = Mirror("e", 0, states[0])
    for prev, seq, changes in updates:
        before = mirror.seq
        mirror.take_update("e", prev, seq, changes)
        assert mirror.seq >= before
        assert mirror.document == states[mirror.seq]
