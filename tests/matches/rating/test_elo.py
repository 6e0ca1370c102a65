"""Elo's expectation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.rating.elo import expected

ratings = st.integers(0, 4000)


@given(ratings, ratings)
def test_the_expected_shares_of_both_sides_make_one(one, other):
    assert expected(one, other) + expected(other, one) == pytest.approx(1)


def test_four_hundred_points_make_a_tenfold_favourite():
    assert expected(1900, 1500) == pytest.approx(10 / 11)
