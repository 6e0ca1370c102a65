"""Simulated players, and when they join. What shapes them was counted on one real evening."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from users.roles import BOTTOM_LANE, MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

NAMED_FIRST = {SUPPORT: 0.25, TOP_LANE: 0.23, BOTTOM_LANE: 0.18, MIDDLE: 0.18, TANK: 0.16}
"""Share of players by the role that they name first."""

NAMED_AT_ALL = {TANK: 0.49, BOTTOM_LANE: 0.49, SUPPORT: 0.47, MIDDLE: 0.42, TOP_LANE: 0.40}
"""Share of players that name a role at all."""

HOW_MANY_NAMED = {2: 0.58, 3: 0.26, 4: 0.06, 5: 0.10}
"""Share of players by the number of roles that they name."""

EVENING = (18, 23, 30, 30, 34, 33, 32, 27, 24, 32, 22, 24, 22, 15, 9, 9, 3, 3, 2, 1)
"""Matches in each hour of the evening, from 14 h on."""

BLOCKS = 3
"""How many others each player blocks."""


@dataclass(frozen=True, slots=True)
class Player:
    """One who comes back all evening.

    Attributes:
        player_id: a name.
        rating: rating points; in the simulation also the true skill.
        roles: roles named, best first.
        blocked: ids of players that this one will not meet.
    """

    player_id: str
    rating: float
    roles: tuple[str, ...]
    blocked: frozenset[str]


def population(number: int, spread: float, chance: random.Random) -> list[Player]:
    """This many players with normally distributed ratings of that standard deviation around 1500."""
    ids = [f"p{index:04}" for index in range(number)]
    return [
        Player(
            player_id=player_id,
            rating=round(chance.gauss(1500, spread)),
            roles=draw_roles(chance),
            blocked=frozenset(chance.sample([other for other in ids if other != player_id], BLOCKS)),
        )
        for player_id in ids
    ]


def draw_roles(chance: random.Random) -> tuple[str, ...]:
    """Roles that a player names, best first, with the popularity that was counted."""
    (number,) = chance.choices(list(HOW_MANY_NAMED), list(HOW_MANY_NAMED.values()))
    named = chance.choices(ROLES, [NAMED_FIRST[role] for role in ROLES])
    while len(named) < number:
        left = [role for role in ROLES if role not in named]
        named += chance.choices(left, [NAMED_AT_ALL[role] - NAMED_FIRST[role] for role in left])
    return tuple(named)


def steady(per_minute: float, seconds: float, chance: random.Random) -> Iterator[float]:
    """Times of arrivals that come independently of each other at a constant rate (a Poisson process)."""
    at = chance.expovariate(per_minute / 60)
    while at < seconds:
        yield at
        at += chance.expovariate(per_minute / 60)


def bursts(per_minute: float, seconds: float, chance: random.Random, *, every: float = 900) -> Iterator[float]:
    """The same number of arrivals on average, half of them crowded into one minute of every `every` seconds."""
    crowd = per_minute / 2 * every / 60
    calm = list(steady(per_minute / 2, seconds, chance))
    crowded = [
        start + at for start in range(0, int(seconds), int(every)) for at in steady(crowd, 60, chance) if start + at
    ]
    yield from sorted(at for at in calm + crowded if at < seconds)


def evening(seconds: float, chance: random.Random, *, hours: Sequence[int] = EVENING) -> Iterator[float]:
    """Arrivals as on the real evening, ten for each match that was played, hour by hour."""
    for hour, matches in enumerate(hours):
        for at in steady(matches * 10 / 60, 3600, chance):
            if hour * 3600 + at < seconds:
                yield hour * 3600 + at
