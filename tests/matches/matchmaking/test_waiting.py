"""Who waits longer is never worse off, and nobody waits for a good match for ever."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matches.matchmaking import propose, scoring
from tests.matches.matchmaking.tickets import NOW, random_tickets, ticket, ticket_lists
from users.roles import ROLES

waits = st.floats(0, 3600)
SINCE = st.integers(0, int(NOW))


def seated(tickets, now=NOW) -> set[str]:
    """Who gets a match, while others keep coming: the newcomer is of no use to anybody."""
    newcomer = ticket(999, ("NO_SUCH_ROLE",), queued_at=now)
    proposals = propose([*tickets, newcomer], now)
    return {player_id for proposal in proposals for player_id in proposal.player_ids}


@given(waits, waits)
def test_the_bar_falls_with_the_wait(one, other):
    assert (one <= other) <= (scoring.max_cost(one) <= scoring.max_cost(other))


@given(waits, waits)
def test_waiting_longer_never_counts_less(one, other):
    counted = scoring.patience(np.array([one, other]))
    assert (one <= other) <= (counted[0] <= counted[1])


@given(ticket_lists(least=10, most=13, since=SINCE), st.data())
@settings(deadline=None)
def test_who_is_seated_would_be_seated_had_they_waited_longer(tickets, data):
    players = sorted(seated(tickets))
    if not players:
        return
    lucky = data.draw(st.sampled_from(players))
    longer = data.draw(st.floats(0, 900))
    older = [replace(one, queued_at=one.queued_at - longer) if one.player_id == lucky else one for one in tickets]
    assert lucky in seated(older)


@given(ticket_lists(least=9, most=20, since=SINCE), st.data())
@settings(deadline=None)
def test_of_two_alike_the_one_who_has_waited_longer_is_served_first(tickets, data):
    if not tickets:
        return
    model = data.draw(st.sampled_from(tickets))
    older = replace(model, player_id="older", queued_at=model.queued_at - data.draw(st.integers(1, 300)))
    players = seated([*tickets, older])
    assert model.player_id not in players or "older" in players


def test_so_it_is_in_a_crowd():
    tickets = random_tickets(150, seed=3)
    twins = [replace(one, player_id=f"{one.player_id}-older", queued_at=one.queued_at - 1) for one in tickets]
    # The blocks of a twin are those of the original, which leaves a few pairs that are not quite alike.
    named = {player_id for one in tickets for player_id in one.blocked}
    players = seated(tickets + twins)
    alike = [one.player_id for one in tickets if one.player_id not in named and not one.blocked]
    assert [one for one in alike if one in players and f"{one}-older" not in players] == []


@given(ticket_lists(least=10, most=13, since=SINCE), st.floats(0, 900))
@settings(deadline=None)
def test_time_alone_never_undoes_a_match(tickets, later):
    if seated(tickets):
        assert seated(tickets, NOW + later)


def uneven_ten(waited: float):
    """Ten of whom one is far above the others; no teams of them are even."""
    return [
        ticket(number, (ROLES[number % 5],), rating=2300 if number == 0 else 1500, queued_at=NOW - waited)
        for number in range(10)
    ]


def test_a_bad_match_is_not_made_at_once_but_in_the_end():
    assert not seated(uneven_ten(waited=30))
    assert not seated(uneven_ten(waited=scoring.HARD_LIMIT - 1))
    assert len(seated(uneven_ten(waited=scoring.HARD_LIMIT))) == 10


def test_when_nobody_else_comes_any_match_will_do():
    ten = [replace(one, queued_at=float(number)) for number, one in enumerate(uneven_ten(waited=0))]
    joined = [one.queued_at for one in ten]
    assert propose(ten, joined[-1]) == []
    assert propose(ten, joined[-1] + scoring.LULL - 0.1) == []
    (proposal,) = propose(ten, joined[-1] + scoring.LULL)
    assert proposal.quality.rating_gap == pytest.approx(160)


def test_a_match_without_a_fault_is_made_at_once():
    assert propose([ticket(number, (ROLES[number % 5],), queued_at=NOW) for number in range(10)], NOW)


def test_an_uncertain_rating_makes_a_gap_smaller():
    unsure = [replace(one, uncertainty=250) for one in uneven_ten(waited=480)]
    (sure_match,) = propose(uneven_ten(waited=480), NOW)
    (unsure_match,) = propose(unsure, NOW)
    assert unsure_match.quality.cost < sure_match.quality.cost
    assert unsure_match.quality.rating_gap == sure_match.quality.rating_gap
