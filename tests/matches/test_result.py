"""What reports come to, against trying out every way in which the outstanding ones may turn out."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.result import A_WIN, B_WIN, INVALID, decide

RESULTS = (A_WIN, B_WIN, INVALID)
votes_lists = st.lists(st.sampled_from(RESULTS), max_size=10)


def outcome(count: Counter) -> str:
    for team, other in ((A_WIN, B_WIN), (B_WIN, A_WIN)):
        if count[team] > count[other] + count[INVALID]:
            return team
    return INVALID


def completions(votes: list[str]):
    """Every count of votes that may yet come about, silence included."""
    left = 10 - len(votes)
    for more_a in range(left + 1):
        for more_b in range(left - more_a + 1):
            for more_invalid in range(left - more_a - more_b + 1):
                yield Counter(votes) + Counter({A_WIN: more_a, B_WIN: more_b, INVALID: more_invalid})


@given(votes_lists)
def test_it_is_decided_exactly_when_nothing_outstanding_can_change_it(votes):
    possible = {outcome(count) for count in completions(votes)}
    assert decide(votes) == (possible.pop() if len(possible) == 1 else None)


@given(votes_lists)
def test_when_time_is_up_what_there_is_decides(votes):
    assert decide(votes, time_up=True) == outcome(Counter(votes))


@given(votes_lists, st.randoms())
def test_the_order_of_the_reports_does_not_matter(votes, rng):
    shuffled = list(votes)
    rng.shuffle(shuffled)
    assert decide(shuffled) == decide(votes)


@pytest.mark.parametrize(
    ("votes", "result"),
    [
        ([A_WIN] * 5, None),
        ([A_WIN] * 6, A_WIN),
        ([INVALID] * 4, None),
        ([INVALID] * 5, INVALID),
        ([A_WIN] * 5 + [B_WIN] * 5, INVALID),
        ([A_WIN] * 5 + [INVALID] * 4, None),
        ([B_WIN] * 6 + [INVALID] * 4, B_WIN),
        # Five quick false reports against two honest ones: the three outstanding are waited for.
        ([A_WIN] * 5 + [B_WIN] * 2, None),
    ],
)
def test_examples(votes, result):
    assert decide(votes) == result


def test_no_report_at_all_makes_an_invalid_match():
    assert decide([], time_up=True) == INVALID
