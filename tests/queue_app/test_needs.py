"""Which roles the next match lacks, against a search that knows no theorem."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_app.needs import needed_roles
from users.roles import BOTTOM_LANE, MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

role_sets = st.lists(st.sets(st.sampled_from(ROLES), min_size=2).map(frozenset), max_size=14)


def most_filled(entries: list[frozenset[str]], roles: tuple[str, ...]) -> int:
    """The most places of these roles that the entries can fill, by trying every way."""
    best = {(0,) * len(roles)}
    for named in entries:
        best |= {
            (*filled[:i], filled[i] + 1, *filled[i + 1 :])
            for filled in best
            for i, role in enumerate(roles)
            if role in named and filled[i] < 2
        }
    return max(map(sum, best))


@settings(deadline=None)
@given(role_sets)
def test_no_role_is_needed_exactly_when_a_match_can_be_made(entries):
    can_be_made = most_filled(entries, ROLES) == 10
    assert (needed_roles(Counter(entries), ROLES) == []) == can_be_made


@settings(deadline=None)
@given(role_sets)
def test_the_needed_roles_are_those_of_the_smallest_sets_that_cannot_be_filled(entries):
    short = [
        set(subset)
        for size in range(1, 6)
        for subset in combinations(ROLES, size)
        if most_filled(entries, subset) < 2 * size
    ]
    smallest = [subset for subset in short if not any(other < subset for other in short)]
    expected = [role for role in ROLES if any(role in subset for subset in smallest)]
    assert needed_roles(Counter(entries), ROLES) == expected


@pytest.mark.parametrize(
    ("entries", "needed"),
    [
        ({}, list(ROLES)),
        ({frozenset(ROLES): 10}, []),
        ({frozenset(ROLES): 9}, list(ROLES)),
        ({frozenset((TOP_LANE, MIDDLE)): 20}, [BOTTOM_LANE, SUPPORT, TANK]),
        # Three who would play either of two roles leave one place of the four empty.
        (
            {frozenset((TOP_LANE, MIDDLE)): 3, frozenset((BOTTOM_LANE, SUPPORT)): 4, frozenset((SUPPORT, TANK)): 5},
            [TOP_LANE, MIDDLE],
        ),
    ],
)
def test_examples(entries, needed):
    assert needed_roles(entries, ROLES) == needed
