"""Rating systems on simulated players whose skill is known.

Teams are formed as matchmaking would, by what each system itself shows: who is there is drawn,
and parted into two teams as evenly as the ratings allow. Who wins is drawn from the players' true
skills. All systems see the same players, the same ten at each match, and the same luck.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from matches.rating import LaneElo, TeamRating
from matches.rating.systems import Rating, System
from users.rates import START_RATE
from users.roles import ROLES

SKILL = 250.0
"""Standard deviation of true skills (points)."""

PERFORMANCE = 250.0
"""Standard deviation of a player's performance around the true skill (points)."""

SEEDS = range(8)

SYSTEMS: dict[str, System] = {
    "Elo per lane": LaneElo(),
    **{
        f"{name}, beta {beta}": TeamRating(model, beta=beta)
        for name, model in (("Thurstone–Mosteller", "thurstone-mosteller"), ("Plackett–Luce", "plackett-luce"))
        for beta in (250, 400, 550)
    },
    "Thurstone–Mosteller, beta 400, damped": TeamRating("thurstone-mosteller", damped=True),
    "Thurstone–Mosteller, beta 400, tau 0": TeamRating("thurstone-mosteller", tau=0),
    "Thurstone–Mosteller, beta 400, tau 10": TeamRating("thurstone-mosteller", tau=10),
}

SETTLED = 0.8
"""Rank correlation with true skills from which on ratings are called settled."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """How well a system did.

    Attributes:
        log_loss: of its forecasts, from when each player had ten matches on average; 0.693 is guessing.
        first_log_loss: of its forecasts before that.
        correlation: rank correlation of the ratings shown with true skills at the end.
        settled: matches a player until that correlation first reached `SETTLED`; None where it never did.
        newcomer_error: how far the place among the others of players who began half-way is from that of
            their skill at the end (median, in points of skill).
        gain: mean rating shown at the end.
    """

    log_loss: float
    first_log_loss: float
    correlation: float
    settled: float | None
    newcomer_error: float
    gain: float


def backtest(
    system: System, *, players: int, matches: int, seed: int, performance: float = PERFORMANCE, even: bool = True
) -> Backtest:
    """Let players play and a system rate them.

    Args:
        system: what is tested.
        players: how many play; a tenth of them begin half-way.
        matches: how many matches are played.
        seed: of everything left to chance.
        performance: how much performances vary (points).
        even: whether teams are formed evenly; drawn otherwise.
    """
    chance = random.Random(f"ratings {seed}")
    skills = [chance.gauss(START_RATE, SKILL) for _ in range(players)]
    ratings = [system.start() for _ in range(players)]
    late = players // 10
    losses: list[tuple[bool, float]] = []
    settled: float | None = None
    for number in range(matches):
        there = range(late if number < matches // 2 else 0, players)
        ten = chance.sample(there, 10)
        one, other = _teams(ten, ratings, even=even)
        noise = chance.gauss(0, performance * math.sqrt(10))
        wins = sum(skills[player] for player in one) - sum(skills[player] for player in other) + noise > 0
        sides = [dict(zip(ROLES, (ratings[player] for player in team), strict=True)) for team in (one, other)]
        forecast = min(max(system.win_chance(*sides), 1e-6), 1 - 1e-6)
        losses.append((number * 10 / players >= 10, -math.log(forecast if wins else 1 - forecast)))
        after = system.rate(*sides) if wins else system.rate(*sides[::-1])[::-1]
        for team, changed in zip((one, other), after, strict=True):
            for role, player in zip(ROLES, team, strict=True):
                ratings[player] = changed[role]
        if number % 20 == 0 and settled is None and _correlation(skills[late:], ratings[late:]) >= SETTLED:
            settled = _played(ratings[late:])
    return Backtest(
        log_loss=float(np.mean([loss for later, loss in losses if later])),
        first_log_loss=float(np.mean([loss for later, loss in losses if not later])),
        correlation=_correlation(skills, ratings),
        settled=settled,
        newcomer_error=_newcomer_error(skills, ratings, late),
        gain=float(np.mean([system.shown(rating) for rating in ratings])),
    )


def _teams(ten: Sequence[int], ratings: Sequence[Rating], *, even: bool) -> tuple[list[int], list[int]]:
    if not even:
        return list(ten[:5]), list(ten[5:])
    total = sum(ratings[player].mean for player in ten)
    first, *others = ten
    four = min(
        combinations(others, 4),
        key=lambda four: abs(2 * (ratings[first].mean + sum(ratings[player].mean for player in four)) - total),
    )
    return [first, *four], [player for player in others if player not in four]


def _correlation(skills: Sequence[float], ratings: Sequence[Rating]) -> float:
    return float(spearmanr(skills, [rating.mean for rating in ratings]).statistic)


def _played(ratings: Sequence[Rating]) -> float:
    return float(np.mean([rating.matches for rating in ratings]))


def _newcomer_error(skills: Sequence[float], ratings: Sequence[Rating], late: int) -> float:
    others = np.sort([rating.mean for rating in ratings[late:]])
    distribution = NormalDist(START_RATE, SKILL)
    places = (np.searchsorted(others, [rating.mean for rating in ratings[:late]]) + 0.5) / (len(others) + 1)
    errors = [abs(distribution.inv_cdf(place) - skill) for place, skill in zip(places.tolist(), skills, strict=False)]
    return float(np.median(errors))


def rating_systems() -> dict[str, Any]:
    """{kind of evening: {system: figures, means over the seeds}}."""
    found: dict[str, Any] = {}
    for performance in (250, 500):
        for even in (True, False):
            kind = f"performance sd {performance}, {'even' if even else 'drawn'} teams"
            found[kind] = {}
            for name, system in SYSTEMS.items():
                tests = [
                    asdict(backtest(system, players=200, matches=2000, seed=seed, performance=performance, even=even))
                    for seed in SEEDS
                ]
                found[kind][name] = {
                    key: None
                    if any(test[key] is None for test in tests)
                    else float(np.mean([test[key] for test in tests]))
                    for key in tests[0]
                }
                print(kind, name, found[kind][name], flush=True)
    return found
