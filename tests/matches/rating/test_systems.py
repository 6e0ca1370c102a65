"""What both rating systems promise, and what the one with uncertainty promises besides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.matchmaking.ratings import backtest
from matches.rating import LaneElo, Rating, TeamRating
from matches.rating.elo import K_NEWCOMER, NEWCOMER_MATCHES, K
from matches.rating.team import CONFIDENCE
from users.rates import START_DEVIATION
from users.rates import START_RATE as START
from users.roles import ROLES, TANK

SYSTEMS = [LaneElo(), TeamRating("plackett-luce"), TeamRating("thurstone-mosteller")]
ratings = st.builds(
    Rating, mean=st.floats(800, 2400), deviation=st.floats(60, START_DEVIATION), matches=st.integers(0, 500)
)
sides = st.lists(ratings, min_size=5, max_size=5).map(lambda five: dict(zip(ROLES, five, strict=True)))
systems = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)


def side(mean: float = START, deviation: float = 100, matches: int = 50) -> dict[str, Rating]:
    return dict.fromkeys(ROLES, Rating(mean, deviation, matches))


@systems
def test_everybody_starts_with_the_same_number(system):
    assert system.shown(system.start()) == START == 1500
    assert system.start().matches == 0


@systems
@given(winners=sides, losers=sides)
@settings(deadline=None)
def test_winners_rise_and_losers_fall(system, winners, losers):
    won, lost = system.rate(winners, losers)
    assert set(won) == set(lost) == set(ROLES)
    for role in ROLES:
        assert won[role].mean >= winners[role].mean
        assert lost[role].mean <= losers[role].mean
        assert won[role].matches == winners[role].matches + 1


@systems
@given(one=sides, other=sides)
@settings(deadline=None)
def test_the_chances_of_both_make_one(system, one, other):
    assert system.win_chance(one, other) + system.win_chance(other, one) == pytest.approx(1)


@systems
def test_the_stronger_team_is_likelier_to_win(system):
    assert system.win_chance(side(), side()) == pytest.approx(0.5)
    assert system.win_chance(side(1600), side()) > 0.6


@systems
def test_an_upset_moves_more_than_what_was_expected(system):
    upset, _ = system.rate(side(1400), side(1600))
    expected, _ = system.rate(side(1600), side(1400))
    assert upset[TANK].mean - 1400 > expected[TANK].mean - 1600 > 0


@systems
def test_the_same_result_gives_the_same_ratings(system):
    assert system.rate(side(1400), side(1600)) == system.rate(side(1400), side(1600))


@systems
def test_it_finds_out_who_is_strong(system):
    test = backtest(system, players=40, matches=400, seed=1, even=False)
    assert test.correlation > 0.7
    assert test.log_loss < 0.68  # 0.693 is guessing


def test_lanes_are_rated_one_by_one():
    strong_tank = side() | {TANK: Rating(1900, 0, 50)}
    won, lost = LaneElo().rate(side(), strong_tank)
    assert won[TANK].mean - 1500 == pytest.approx(K * 10 / 11)
    assert lost[TANK].mean - 1900 == pytest.approx(-K * 10 / 11)
    assert {won[role].mean for role in ROLES if role != TANK} == {1500 + K / 2}


def test_a_newcomer_to_the_lanes_moves_faster():
    won, _ = LaneElo().rate(side() | {TANK: Rating(1500, 0, NEWCOMER_MATCHES - 1)}, side())
    assert won[TANK].mean == 1500 + K_NEWCOMER / 2


@given(sides, sides)
@settings(deadline=None)
def test_a_match_makes_a_rating_surer(winners, losers):
    won, lost = TeamRating(tau=0).rate(winners, losers)
    assert all(won[role].deviation < winners[role].deviation for role in ROLES)
    assert all(lost[role].deviation < losers[role].deviation for role in ROLES)


def test_who_is_unsure_moves_farther():
    won, _ = TeamRating().rate(side() | {TANK: TeamRating().start()}, side())
    assert won[TANK].mean - START > 3 * (won[ROLES[0]].mean - START) > 0


def test_uncertainty_brings_the_chances_together():
    system = TeamRating()
    assert 0.5 < system.win_chance(side(1600, 250), side(1500, 250)) < system.win_chance(side(1600, 60), side(1500, 60))


def test_what_is_shown_rises_with_certainty():
    system = TeamRating()
    assert system.shown(Rating(1500, 100, 30)) == START + CONFIDENCE * (START_DEVIATION - 100)


def test_a_newcomer_gains_more_by_a_win_than_a_defeat_takes():
    system = TeamRating()
    newcomers = dict.fromkeys(ROLES, system.start())
    won, lost = system.rate(newcomers, newcomers)
    gain, loss = system.shown(won[TANK]) - START, START - system.shown(lost[TANK])
    assert gain > loss > 0
