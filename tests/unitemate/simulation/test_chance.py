"""What is drawn follows the figures of the real evening."""

from collections import Counter
from random import Random

import pytest

from unitemate.simulation import chance, figures
from users.roles import ROLES

DRAWS = 20_000


def shares(drawn):
    return {key: count / DRAWS for key, count in Counter(drawn).items()}


def test_a_curve_goes_through_its_points_and_rises_between():
    curve = ((0.0, 1), (0.5, 10), (1.0, 1000))
    assert [chance.at(curve, quantile) for quantile in (0.0, 0.25, 0.5, 0.75, 1.0)] == pytest.approx(
        [1, 10**0.5, 10, 100, 1000]
    )


def test_arrivals_are_as_many_as_wanted_in_order_and_by_the_hours():
    times = chance.arrivals(figures.PLAYERS, figures.HOURS, Random(1))
    assert len(times) == figures.PLAYERS
    assert times == sorted(times)
    by_hour = Counter(int(time // 3600) for time in times)
    for hour, share in enumerate(figures.NEW_PLAYERS_BY_HOUR):
        assert by_hour[hour] == pytest.approx(share, abs=1)


@pytest.mark.parametrize(("players", "hours"), [(1, 0.1), (30, 0.5), (40, 1.5), (1000, 19.1)])
def test_a_smaller_or_shorter_evening_keeps_its_size_and_end(players, hours):
    times = chance.arrivals(players, hours, Random(2))
    assert len(times) == players
    assert times[-1] < hours * 3600
    plans = chance.plans(times, hours, Random(2))
    assert len(plans) == players
    assert min(plans) >= 1


@pytest.mark.parametrize("seed", range(3))
def test_matches_per_player_are_those_of_the_real_evening(seed):
    random = Random(seed)
    times = chance.arrivals(figures.PLAYERS, figures.HOURS, random)
    plans = sorted(chance.plans(times, figures.HOURS, random))
    assert plans[len(plans) // 2] == 5
    assert plans[int(len(plans) * 0.95)] == pytest.approx(21, abs=1)
    assert sum(plans) / len(plans) == pytest.approx(7.3, abs=0.4)
    assert plans[-1] == 35


def test_nobody_plans_more_than_the_rest_of_the_evening_has_room_for():
    random = Random(4)
    times = chance.arrivals(figures.PLAYERS, figures.HOURS, random)
    for time, plan in zip(times, chance.plans(times, figures.HOURS, random), strict=True):
        assert plan <= max(1, (figures.HOURS - time / 3600) * figures.MATCHES_PER_HOUR)


def test_roles_are_named_as_in_the_real_evening():
    random = Random(5)
    named = [chance.roles(random) for _ in range(DRAWS)]
    assert all(len(set(roles)) == len(roles) and set(roles) <= set(ROLES) for roles in named)
    assert shares(len(roles) for roles in named) == pytest.approx(figures.ROLES_NAMED, abs=0.02)
    assert shares(roles[0] for roles in named) == pytest.approx(figures.NAMED_FIRST, abs=0.02)
    # The figures for "named at all" come from saved preferences, of which there are fewer a player.
    more = sum(number * share for number, share in figures.ROLES_NAMED.items()) / sum(figures.NAMED_AT_ALL.values())
    expected = {role: share * more for role, share in figures.NAMED_AT_ALL.items()}
    assert shares(role for roles in named for role in roles) == pytest.approx(expected, abs=0.05)


def test_a_seed_decides_everything():
    def evening(seed):
        random = Random(seed)
        times = chance.arrivals(50, 3, random)
        return times, chance.plans(times, 3, random), chance.roles(random)

    assert evening(6) == evening(6)
    assert evening(6) != evening(7)
