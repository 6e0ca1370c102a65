"""Who is punished for misconduct, by who has named whom."""

import pytest

from matches.violations import violators

A, B = [f"a{n}" for n in range(5)], [f"b{n}" for n in range(5)]
TEAMS = dict.fromkeys(A, "A") | dict.fromkeys(B, "B")


def by(*reporters: str, player: str = "a0") -> dict[str, list[str]]:
    return {reporter: [player] for reporter in reporters}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({}, {}),
        (by(*A[1:]), {"a0": 4}),
        (by(*A[1:4]), {}),
        (by(*B), {}),  # a whole team that has lost is not enough
        (by(*B, "a1"), {"a0": 6}),
        (by(*A[1:4], *B[:2]), {}),
        (by(*A[1:4], *B[:3]), {"a0": 6}),
        (by(*A), {"a0": 4}),  # naming oneself counts for nothing
        ({"a1": ["a0"] * 9}, {}),
    ],
)
def test_four_team_mates_or_six_players(named, found):
    assert violators(TEAMS, named) == found


def test_several_can_be_named_at_once():
    named = {reporter: ["a0", "b0"] for reporter in (*A[1:4], *B[1:4])}
    assert violators(TEAMS, named) == {"a0": 6, "b0": 6}


def test_who_is_no_player_counts_for_nothing():
    assert violators(TEAMS, by(*A[1:4], "somebody")) == {}
