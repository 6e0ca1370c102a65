"""What reports come to, against trying out every way in which the outstanding ones may turn out."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.result import Result, Vote, decide, too_few

A_WIN, B_WIN, INVALID = Result
said = st.lists(st.sampled_from(Result), max_size=5)


def ballot(team_a: list[str], team_b: list[str]) -> list[Vote]:
    return [*(Vote("A", result) for result in team_a), *(Vote("B", result) for result in team_b)]


votes_lists = st.builds(ballot, said, said)


def outcome(votes: list[Vote]) -> str:
    """The rule, written down another way."""
    results = [vote.result for vote in votes]
    voices = [[vote.result for vote in votes if vote.team == team] for team in "AB"]
    both = all(voices) and len(votes) >= 3
    of_one = any(len(voice) >= 4 and len(set(voice)) == 1 and len(voice) == len(votes) for voice in voices)
    for team in (A_WIN, B_WIN):
        if 2 * results.count(team) > len(results) and (both or of_one):
            return team
    return INVALID


def completions(votes: list[Vote]):
    """Every way in which the outstanding may yet vote, as far as it matters: how many of each team say what."""
    left = [5 - sum(vote.team == team for vote in votes) for team in "AB"]
    more = [
        [[A_WIN] * a + [B_WIN] * b + [INVALID] * c for a, b, c in product(range(n + 1), repeat=3) if a + b + c <= n]
        for n in left
    ]
    for team_a, team_b in product(*more):
        yield votes + ballot(team_a, team_b)


@given(votes_lists)
def test_it_is_decided_exactly_when_nothing_outstanding_can_change_it(votes):
    possible = {outcome(all_votes) for all_votes in completions(votes)}
    assert decide(votes) == (possible.pop() if len(possible) == 1 else None)


@given(votes_lists)
def test_when_time_is_up_what_there_is_decides(votes):
    assert decide(votes, time_up=True) == outcome(votes)


@given(votes_lists, st.randoms(), st.booleans())
def test_the_order_of_the_reports_does_not_matter(votes, rng, time_up):
    shuffled = list(votes)
    rng.shuffle(shuffled)
    assert decide(shuffled, time_up=time_up) == decide(votes, time_up=time_up)


@given(votes_lists)
def test_the_teams_are_treated_alike(votes):
    other = {A_WIN: B_WIN, B_WIN: A_WIN, INVALID: INVALID, None: None}
    mirrored = [Vote("B" if vote.team == "A" else "A", other[vote.result]) for vote in votes]
    assert decide(mirrored, time_up=True) == other[decide(votes, time_up=True)]
    assert decide(mirrored) == other[decide(votes)]


@given(votes_lists)
def test_nobody_decides_alone(votes):
    if decide(votes, time_up=True) != INVALID:
        agreeing = [vote for vote in votes if vote.result == decide(votes, time_up=True)]
        assert len(votes) >= 3
        assert len(agreeing) >= 2
        assert {vote.team for vote in votes} == {"A", "B"} or len(agreeing) == len(votes) >= 4


@given(votes_lists)
def test_too_few_are_never_enough_before_the_time_either(votes):
    if too_few(votes):
        assert decide(votes) in (None, INVALID)


@pytest.mark.parametrize(
    ("team_a", "team_b", "result"),
    [
        ([A_WIN] * 5, [], None),
        ([A_WIN] * 5, [A_WIN], A_WIN),
        ([INVALID] * 4, [], None),
        ([INVALID] * 5, [], INVALID),
        ([A_WIN] * 5, [B_WIN] * 5, INVALID),
        ([A_WIN] * 5, [INVALID] * 4, None),
        ([B_WIN] * 5, [B_WIN] + [INVALID] * 4, B_WIN),
        # Five quick false reports against two honest ones: the three outstanding are waited for.
        ([A_WIN] * 5, [B_WIN] * 2, None),
    ],
)
def test_examples(team_a, team_b, result):
    assert decide(ballot(team_a, team_b)) == result


@pytest.mark.parametrize(
    ("team_a", "team_b", "result"),
    [
        ([], [], INVALID),
        ([A_WIN], [], INVALID),
        ([A_WIN], [A_WIN], INVALID),
        ([A_WIN] * 3, [], INVALID),
        ([A_WIN] * 4, [], A_WIN),
        ([A_WIN] * 4 + [B_WIN], [], INVALID),
        ([A_WIN] * 4, [B_WIN], A_WIN),
        ([A_WIN] * 2, [B_WIN], A_WIN),
        ([], [A_WIN] * 4, A_WIN),
        ([A_WIN], [A_WIN, B_WIN, INVALID], INVALID),
    ],
)
def test_examples_when_time_is_up(team_a, team_b, result):
    assert decide(ballot(team_a, team_b), time_up=True) == result
