"""Evenings with each matchmaker on the same arrivals."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from unittest.mock import patch

import numpy as np

from bench.matchmaking.figures import figures, waits_of
from bench.matchmaking.peers import FIRST_COME, PREDECESSOR, WIDENING
from bench.matchmaking.population import bursts, evening, population, steady
from bench.matchmaking.simulator import Matchmaker, Observe, Record, simulate
from matches.matchmaking import propose, scoring

OURS = Matchmaker("ours", lambda tickets, now, seed: propose(tickets, now, seed=seed), every=5, on_join=True)
"""With the rounds of `matches.matchmaker`: at each joining, and every five seconds."""

MATCHMAKERS = (OURS, PREDECESSOR, FIRST_COME, WIDENING)
RATES = ("1.5", "3", "6")
HOURS = 6
SEEDS = (1, 2, 3)
HELD_OUT = (4, 5, 6)
PLAYERS = 400
SPREAD = 250


def evenings(
    matchmaker: Matchmaker,
    arrivals: str,
    *,
    spread: float = SPREAD,
    no_shows: float = 0,
    seeds: Sequence[int] = SEEDS,
    observe: Observe | None = None,
) -> list[Record]:
    """Six hours for each seed.

    Args:
        matchmaker: who makes the matches.
        arrivals: players a minute; "bursts", or "evening" for the real one's first hours.
        spread: standard deviation of ratings (points).
        no_shows: the share of seats that stay empty.
        seeds: of all that is left to chance.
        observe: told of each who joins, as `simulate` does it.
    """
    records = []
    for seed in seeds:
        chance = random.Random(f"arrivals {seed} {arrivals}")
        seconds = HOURS * 3600.0
        times: Iterable[float]
        if arrivals == "bursts":
            times = bursts(3, seconds, chance)
        elif arrivals == "evening":
            times = evening(seconds, chance)
        else:
            times = steady(float(arrivals), seconds, chance)
        players = population(PLAYERS, spread, random.Random(f"players {seed}"))
        records.append(
            simulate(matchmaker, players, times, seconds=seconds, seed=seed, no_shows=no_shows, observe=observe)
        )
    return records


def steady_arrivals(spread: float = SPREAD) -> dict[str, Any]:
    """{players a minute: {matchmaker: figures, and every second percentile of the waits}}."""
    found: dict[str, Any] = {}
    for rate in RATES:
        for matchmaker in MATCHMAKERS:
            records = evenings(matchmaker, rate, spread=spread)
            waits = np.percentile(waits_of(records), range(0, 101, 2))
            figure = asdict(figures(records)) | {"waits": [round(float(wait), 1) for wait in waits]}
            found.setdefault(rate, {})[matchmaker.name] = figure
            print(rate, matchmaker.name, figures(records), flush=True)
    return found


def held_out() -> dict[str, Any]:
    """{players a minute: figures} of ours on evenings that its constants were not chosen on."""
    return {rate: asdict(figures(evenings(OURS, rate, seeds=HELD_OUT))) for rate in RATES}


def narrow_ratings() -> dict[str, Any]:
    """The same with ratings as near as those of the real evening."""
    return steady_arrivals(29)


def other_arrivals() -> dict[str, Any]:
    """{kind: {matchmaker: figures}} of other arrivals, and of players who do not show up."""
    kinds: dict[str, dict[str, Any]] = {
        "the real evening's first six hours, ratings sd 29": {"arrivals": "evening", "spread": 29},
        "3 a minute, half of them in bursts": {"arrivals": "bursts"},
        "3 a minute, 5 % of seats stay empty": {"arrivals": "3", "no_shows": 0.05},
    }
    return {
        kind: {one.name: asdict(figures(evenings(one, **options))) for one in MATCHMAKERS}
        for kind, options in kinds.items()
    }


def trade_off() -> dict[str, Any]:
    """{players a minute: {cost of a point of range: figures}}: what near ratings cost.

    Where many wait an evening takes long to simulate; there it is one evening for each.
    """
    found: dict[str, Any] = {}
    for rate in RATES:
        seeds = SEEDS if rate != RATES[-1] else SEEDS[:1]
        for weight in (0.1, 0.2, scoring.RANGE, 0.5, 0.8):
            with patch.object(scoring, "RANGE", weight):
                found.setdefault(rate, {})[f"{weight:g}"] = asdict(figures(evenings(OURS, rate, seeds=seeds)))
            print(rate, weight, found[rate][f"{weight:g}"], flush=True)
    return found
