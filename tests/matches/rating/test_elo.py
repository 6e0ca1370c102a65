"""The rating's promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.rating import Standing, deltas
from matches.rating.elo import K_NEWCOMER, NEWCOMER_MATCHES, K, expected

ratings = st.integers(0, 4000)
settled = st.builds(Standing, rating=ratings, matches=st.integers(NEWCOMER_MATCHES, 500))
anybody = st.builds(Standing, rating=ratings, matches=st.integers(0, 500))


def teams(player):
    five = st.lists(player, min_size=5, max_size=5)
    return st.tuples(five, five).map(
        lambda pair: (
            {f"w{number}": standing for number, standing in enumerate(pair[0])},
            {f"l{number}": standing for number, standing in enumerate(pair[1])},
        )
    )


def all_rated(rating: int, matches: int, prefix: str) -> dict[str, Standing]:
    return {f"{prefix}{number}": Standing(rating, matches) for number in range(5)}


@given(ratings, ratings)
def test_the_expected_shares_of_both_sides_make_one(one, other):
    assert expected(one, other) + expected(other, one) == pytest.approx(1)


def test_four_hundred_points_make_a_tenfold_favourite():
    assert expected(1900, 1500) == pytest.approx(10 / 11)


@given(teams(anybody))
def test_winners_never_lose_and_losers_never_win_points(pair):
    changes = deltas(*pair)
    assert all(0 <= changes[player_id] <= K_NEWCOMER for player_id in pair[0])
    assert all(-K_NEWCOMER <= changes[player_id] <= 0 for player_id in pair[1])
    assert all(type(change) is int for change in changes.values())


@given(teams(settled))
def test_among_settled_players_one_team_wins_what_the_other_loses(pair):
    changes = deltas(*pair)
    assert sum(changes.values()) == 0
    assert len({abs(change) for change in changes.values()}) == 1


def test_between_equals_half_of_k_is_at_stake():
    changes = deltas(all_rated(1500, 50, "w"), all_rated(1500, 50, "l"))
    assert set(changes.values()) == {K // 2, -K // 2}


def test_newcomers_move_faster_until_their_tenth_match():
    for matches, k in ((0, K_NEWCOMER), (NEWCOMER_MATCHES - 1, K_NEWCOMER), (NEWCOMER_MATCHES, K)):
        winners = all_rated(1500, 50, "w") | {"w0": Standing(1500, matches)}
        changes = deltas(winners, all_rated(1500, 50, "l"))
        assert changes["w0"] == k // 2
        assert changes["w1"] == K // 2


def test_an_upset_moves_more_than_what_was_expected():
    upset = deltas(all_rated(1400, 50, "w"), all_rated(1600, 50, "l"))["w0"]
    expected_win = deltas(all_rated(1600, 50, "w"), all_rated(1400, 50, "l"))["w0"]
    assert upset > K / 2 > expected_win
