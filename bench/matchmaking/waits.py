"""How far the wait that is told to a player is from the wait there was."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from bench.matchmaking.evenings import OURS, RATES, SEEDS, evenings
from bench.matchmaking.simulator import Record
from matches.matchmaking import Ticket
from matches.matchmaking.waits import estimate, rounded
from users.roles import ROLES

MATCHES = 10
"""How many of the latest matches an estimate is made from, as in `matches.projections`."""

WARMING_UP = 100
"""Players at the beginning of an evening that are not counted."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Seconds between what was told and what was.

    Attributes:
        median_error, mean_error: of what is told, without regard to the sign.
        bias: its mean; below 0 where too little is told.
        recent_median_error, recent_mean_error: the same if the median of recent waits were told.
        moved: how often the number of a role changes when somebody joins (share of the roles, 0 to 1).
    """

    median_error: float
    mean_error: float
    bias: float
    recent_median_error: float
    recent_mean_error: float
    moved: float


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told when somebody joined: for each role, and the median of recent waits instead."""

    ticket: Ticket
    waits: Mapping[str, int]
    recent: float


def wait_estimates() -> dict[str, Any]:
    """{players a minute: errors}."""
    return {rate: asdict(errors(rate)) for rate in RATES}


def errors(rate: str) -> Errors:
    """What is told to each who joins about the role named first, and what came of it."""
    compared: list[tuple[float, float, float]] = []
    moves: list[float] = []
    for seed in SEEDS:
        told: list[_Told] = []

        def tell(ticket: Ticket, waiting: Mapping[str, Ticket], record: Record, told: list[_Told] = told) -> None:
            latest = [(one.queued_at, at) for at, _, seated in record.proposals[-MATCHES:] for one in seated.values()]
            joined = [one.queued_at for one in waiting.values()]
            first = Counter(one.roles[0] for one in waiting.values())
            said = estimate(latest, joined, first, ROLES)
            waits = {role: rounded(wait) for role, wait in said.items() if wait is not None}
            if waits:
                told.append(_Told(ticket, waits, median(at - joined for joined, at in latest)))

        (record,) = evenings(OURS, rate, seeds=[seed], observe=tell)
        was = {
            (one.player_id, one.queued_at): at - one.queued_at
            for at, _, seated in record.proposals
            for one in seated.values()
        }
        for one in told[WARMING_UP:]:
            wait = was.get((one.ticket.player_id, one.ticket.queued_at))
            if wait is not None:
                compared.append((one.waits[one.ticket.roles[0]], one.recent, wait))
        moves += [
            sum(one.waits[role] != other.waits[role] for role in ROLES) / len(ROLES) for one, other in pairwise(told)
        ]
    ours, recent, real = np.array(compared).T
    return Errors(
        median_error=float(np.median(np.abs(ours - real))),
        mean_error=float(np.mean(np.abs(ours - real))),
        bias=float(np.mean(ours - real)),
        recent_median_error=float(np.median(np.abs(recent - real))),
        recent_mean_error=float(np.mean(np.abs(recent - real))),
        moved=float(np.mean(moves)),
    )
