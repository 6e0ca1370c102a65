"""What players see of their ratings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matches.rating import SYSTEM, SYSTEMS, Rating, Standing, after_win, soft_reset
from users.models import User
from users.rates import START_DEVIATION, START_RATE
from users.roles import ROLES, TANK

ratings = st.builds(
    Rating, mean=st.floats(0, 3000), deviation=st.floats(60, START_DEVIATION), matches=st.integers(0, 500)
)
standings = st.builds(Standing, ratings, st.integers(0, 3000), st.integers(3000, 3100))
sides = st.lists(standings, min_size=5, max_size=5).map(lambda five: dict(zip(ROLES, five, strict=True)))


def newcomers(**fields) -> dict[str, Standing]:
    return dict.fromkeys(ROLES, Standing(**{"rating": SYSTEM.start(), "rate": 1500, "max_rate": 1500} | fields))


def test_an_account_begins_where_the_system_does():
    user = User()
    start = SYSTEM.start()
    assert (user.rating_mean, user.rating_deviation, user.match_count) == (start.mean, start.deviation, start.matches)
    assert user.rate == user.max_rate == SYSTEM.shown(start) == START_RATE


def test_what_counts_now_is_among_what_can_be_counted_anew():
    assert SYSTEMS[SYSTEM.name, SYSTEM.version] is SYSTEM


@given(sides, sides)
def test_a_win_never_shows_as_a_loss_nor_a_loss_as_a_win(winners, losers):
    won, lost = after_win(winners, losers)
    for role in ROLES:
        assert won[role].rate >= winners[role].rate
        assert 0 <= lost[role].rate <= losers[role].rate


@given(sides, sides)
def test_the_most_that_was_shown_follows(winners, losers):
    for before, after in zip((winners, losers), after_win(winners, losers), strict=True):
        for role in ROLES:
            assert after[role].max_rate == max(before[role].max_rate, after[role].rate)


def test_what_is_shown_is_what_the_system_says_from_the_start_on():
    won, lost = newcomers(), newcomers()
    for _ in range(30):
        won, _ = after_win(won, newcomers())
        _, lost = after_win(newcomers(), lost)
    assert won[TANK].rate == SYSTEM.shown(won[TANK].rating) > 1500 > lost[TANK].rate == SYSTEM.shown(lost[TANK].rating)


def test_newcomers_gain_without_a_bonus():
    """Who wins half of the matches rises, since more is known; and ever less."""
    standing = newcomers()
    rates = [1500]
    for _ in range(60):
        standing, _ = after_win(standing, standing)
        _, standing = after_win(standing, standing)
        rates.append(standing[TANK].rate)
    assert rates[20] - rates[0] > rates[40] - rates[20] > rates[60] - rates[40] > 0
    assert standing[TANK].rating.mean == pytest.approx(1500, abs=15)


def test_what_was_shown_before_is_moved_not_replaced():
    won, lost = after_win(newcomers(rate=1700, max_rate=1800), newcomers(rate=10))
    assert (won[TANK].rate, won[TANK].max_rate) == (1736, 1800)
    assert lost[TANK].rate == 0


@pytest.mark.parametrize(("rate", "half_way"), [(1700, 1600), (1500, 1500), (1401, 1451), (1099, 1300)])
def test_drawn_together_everything_is_half_way_to_the_start(rate, half_way):
    drawn = soft_reset(Standing(Rating(rate, 100, 40), rate, max_rate=1450 if rate < 1450 else rate))
    assert drawn.rating == Rating(1500 + (rate - 1500) / 2, 175, 40)
    assert drawn.rate == half_way
    assert drawn.max_rate == max(1450 if rate < 1450 else rate, half_way)
