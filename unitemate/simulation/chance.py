"""Random draws from the parameters. Each function takes its random generator, so that a seed fixes the result."""

import itertools
import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

from unitemate.simulation import figures
from users.roles import ROLES

Curve = Sequence[tuple[float, float]]
T = TypeVar("T")


def at(curve: Curve, quantile: float) -> float:
    """The value of a quantile curve, its points (quantile, value > 0) joined on a logarithmic scale."""
    for (low, below), (high, above) in itertools.pairwise(curve):
        if quantile <= high:
            part = (quantile - low) / (high - low)
            return math.exp(math.log(below) * (1 - part) + math.log(above) * part)
    return curve[-1][1]


def draw(curve: Curve, random: Random) -> float:
    """A value of the distribution that a quantile curve describes."""
    return at(curve, random.random())


def choose(weights: Mapping[T, float], random: Random) -> T:
    """One of the keys, by weight."""
    return random.choices(list(weights), list(weights.values()))[0]


def arrivals(players: int, hours: float, random: Random) -> list[float]:
    """When each player comes, in seconds from the evening's start, in order.

    Args:
        players: how many.
        hours: how much of the evening there is; its hours keep their proportions.
    """
    shares = [share * min(1.0, hours - hour) for hour, share in enumerate(figures.NEW_PLAYERS_BY_HOUR) if hour < hours]
    expected = 0.0
    times: list[float] = []
    for hour, share in enumerate(shares):
        expected += players * share / sum(shares)
        length = min(1.0, hours - hour) * 3600
        while len(times) < round(expected):
            times.append(hour * 3600 + random.random() * length)
    return sorted(times)


def plans(times: Sequence[float], hours: float, random: Random) -> list[int]:
    """How many matches each player wants, in the order of their coming.

    All wishes together follow the parameters exactly. A player who comes late gets a wish that fits into the rest of
    the evening.

    Args:
        times: from `arrivals`.
        hours: how much of the evening there is.
    """
    count = len(times)
    wishes = sorted(round(at(figures.MATCHES_PER_PLAYER, (rank + 0.5) / count)) for rank in range(count))
    chosen = []
    for time in reversed(times):
        room = max(1, int((hours - time / 3600) * figures.MATCHES_PER_HOUR))
        fitting = sum(wish <= room for wish in wishes)
        wish = wishes.pop(random.randrange(fitting)) if fitting else min(room, wishes.pop(0))
        chosen.append(wish)
    return chosen[::-1]


def roles(random: Random) -> list[str]:
    """The roles that a player names, best first.

    Any further role is drawn by how often it is named besides as a first one.
    """
    number = choose(figures.ROLES_NAMED, random)
    named = [choose(figures.NAMED_FIRST, random)]
    while len(named) < number:
        further = {role: figures.NAMED_AT_ALL[role] - figures.NAMED_FIRST[role] for role in ROLES if role not in named}
        named.append(choose(further, random))
    return named
