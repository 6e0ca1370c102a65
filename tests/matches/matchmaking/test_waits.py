"""The wait that one who joins now is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.matchmaking.waits import LEFT_OVER, estimate, rounded
from users.roles import ROLES, SUPPORT, TANK

SERVED = [(10.0 * number, 100.0) for number in range(10)]
"""One each ten seconds, and all seated when the last had waited ten: 55 s on average."""


def told(number: int = 0, served=SERVED) -> dict[str, float | None]:
    """With so many waiting for the tank's place, who have gone on to come each ten seconds."""
    return estimate(served, [100.0 + 10 * index for index in range(number)], {TANK: number}, ROLES)


def test_before_anything_has_happened_nothing_is_told():
    assert told(0, served=[]) == dict.fromkeys(ROLES, None)
    assert told(5, served=[]) == dict.fromkeys(ROLES, None)


def test_nor_where_all_came_at_once():
    assert told(served=[(5.0, 20.0)] * 10) == dict.fromkeys(ROLES, None)


def test_who_is_first_waits_for_nine_more_arrivals():
    # 5.5 wait on average, so that a match is made at 10.5 waiting: 9.5 after the first.
    assert told()[SUPPORT] == pytest.approx(95)


def test_the_more_wait_the_sooner_the_next_match():
    waits = [told(number)[SUPPORT] for number in range(15)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == pytest.approx(10)  # one more arrival at least


def test_who_wants_what_too_many_want_may_be_left_for_a_later_match():
    waits = told(4)
    assert waits[TANK] - waits[SUPPORT] == pytest.approx(LEFT_OVER * 100)


@given(
    st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)).map(lambda pair: (pair[0], sum(pair))), max_size=30),
    st.lists(st.floats(0, 2000), max_size=50),
    st.dictionaries(st.sampled_from(ROLES), st.integers(0, 10)),
)
def test_it_is_never_negative(served, joined, waiting):
    assert all(wait is None or wait >= 0 for wait in estimate(served, joined, waiting, ROLES).values())


@pytest.mark.parametrize(
    ("wait", "told"),
    [(0, 60), (89, 60), (91, 120), (120, 120), (121, 120), (185, 240), (601, 600), (800, 900)],
)
def test_it_is_told_in_steps_that_grow(wait, told):
    assert rounded(wait) == told
