"""What an evening was like for those who played, in numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from bench.matchmaking.simulator import Record
from matches.rating.elo import expected

PERFORMANCE = 125.0
"""Half the spread of ratings, as R. Herbrich and others, *TrueSkill* (NIPS 2006), take it (points)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one or several evenings together.

    Attributes:
        matches: how many were made.
        median_wait, p95_wait, longest_wait: seconds; the longest counts also those who still wait.
        unevenness: 95th percentile of |win chance - 0.5|, by Elo of the teams' mean ratings.
        sum_unevenness: the same where a team performs as the sum of its players, each with a standard
            deviation of `PERFORMANCE` around the rating; a stricter measure.
        gap: mean difference of the teams' mean ratings (points).
        first_choice: share of players in the role that they named first.
        range: median over matches of the highest less the lowest rating.
        blocked: pairs in a match of whom one blocks the other.
        blocked_matches: share of matches with such a pair.
        starved: share of players who waited more than fifteen minutes.
    """

    matches: int
    median_wait: float
    p95_wait: float
    longest_wait: float
    unevenness: float
    sum_unevenness: float
    gap: float
    first_choice: float
    range: float
    blocked: int
    blocked_matches: float
    starved: float


def waits_of(records: Sequence[Record]) -> list[float]:
    """Seconds that those who were seated had waited; after a void match, from their return on."""
    return [
        now - record.returned_at.get((ticket.player_id, ticket.queued_at), ticket.queued_at)
        for record in records
        for now, _, tickets in record.proposals
        for ticket in tickets.values()
    ]


def figures(records: Sequence[Record]) -> Figures:
    """What these evenings were like, taken together."""
    waits = waits_of(records)
    still = [record.ended - ticket.queued_at for record in records for ticket in record.left]
    gaps, ranges, first, blocked = [], [], [], []
    for record in records:
        for _, proposal, tickets in record.proposals:
            means = [
                sum(tickets[player_id].rating for player_id in team.values()) / len(team)
                for team in (proposal.team_a, proposal.team_b)
            ]
            gaps.append(abs(means[0] - means[1]))
            ratings = [ticket.rating for ticket in tickets.values()]
            ranges.append(max(ratings) - min(ratings))
            first += [
                tickets[player_id].roles[0] == role
                for team in (proposal.team_a, proposal.team_b)
                for role, player_id in team.items()
            ]
            blocked.append(
                sum(
                    one.player_id in other.blocked or other.player_id in one.blocked
                    for one, other in combinations(tickets.values(), 2)
                )
            )
    return Figures(
        matches=len(gaps),
        median_wait=float(np.median(waits)),
        p95_wait=float(np.percentile(waits, 95)),
        longest_wait=max(waits + still),
        unevenness=float(np.percentile([expected(gap, 0) - 0.5 for gap in gaps], 95)),
        sum_unevenness=NormalDist().cdf(5 * float(np.percentile(gaps, 95)) / (PERFORMANCE * math.sqrt(10))) - 0.5,
        gap=float(np.mean(gaps)),
        first_choice=float(np.mean(first)),
        range=float(np.median(ranges)),
        blocked=sum(blocked),
        blocked_matches=float(np.mean([number > 0 for number in blocked])),
        starved=float(np.mean([wait > 900 for wait in waits])),
    )
