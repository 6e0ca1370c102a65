"""What matchmaking promises, against searches that try everything."""

from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matches.matchmaking import propose
from tests.matches.matchmaking.tickets import NOW, random_tickets, ticket, ticket_lists
from users.roles import BOTTOM_LANE, MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

SINCE = st.integers(0, int(NOW))


def can_play(tickets) -> bool:
    """Whether these can be given distinct places, two a role, by trying every way."""
    filled = {(0,) * 5}
    for one in tickets:
        filled = {
            (*places[:i], places[i] + 1, *places[i + 1 :])
            for places in filled
            for i, role in enumerate(ROLES)
            if role in one.roles and places[i] < 2
        }
    return bool(filled)


def check_legal(tickets, proposals) -> None:
    by_id = {one.player_id: one for one in tickets}
    seated = []
    for proposal in proposals:
        for team in (proposal.team_a, proposal.team_b):
            assert set(team) == set(ROLES)
            for role, player_id in team.items():
                assert role in by_id[player_id].roles
        players = [*proposal.team_a.values(), *proposal.team_b.values()]
        assert proposal.player_ids == set(players)
        seated += players
        for one, other in permutations(players, 2):
            assert other not in by_id[one].blocked
    assert len(seated) == len(set(seated))


@given(ticket_lists(least=8, blocks=True, since=SINCE))
@settings(deadline=None)
def test_every_proposal_is_a_legal_match(tickets):
    check_legal(tickets, propose(tickets, NOW))


@pytest.mark.parametrize("number", [100, 400])
def test_so_is_every_proposal_of_a_crowd(number):
    tickets = random_tickets(number, seed=number)
    proposals = propose(tickets, NOW)
    assert len(proposals) > number / 15
    check_legal(tickets, proposals)


@given(ticket_lists(since=SINCE), st.randoms())
@settings(deadline=None)
def test_the_order_of_the_tickets_does_not_matter(tickets, rng):
    shuffled = list(tickets)
    rng.shuffle(shuffled)
    assert propose(shuffled, NOW, seed=3) == propose(tickets, NOW, seed=3)


def test_nor_does_it_in_a_crowd():
    tickets = random_tickets(300, seed=5)
    assert propose(tickets[::-1], NOW, seed=3) == propose(tickets, NOW, seed=3)


@given(ticket_lists(least=9, most=13))
@settings(max_examples=60, deadline=None)
def test_past_the_hard_limit_the_oldest_who_can_play_does(tickets):
    waiting = sorted(tickets, key=lambda one: (one.queued_at, one.player_id))
    possible = (ten for ten in combinations(waiting, 10) if can_play(ten))
    oldest = next(possible, None)  # combinations come in the order of waiting
    proposals = propose(tickets, NOW)
    if oldest is None:
        assert proposals == []
    else:
        assert oldest[0].player_id in proposals[0].player_ids


@given(ticket_lists(least=8, most=40))
@settings(deadline=None)
def test_past_the_hard_limit_nobody_is_left_who_could_have_played(tickets):
    seated = {player_id for proposal in propose(tickets, NOW) for player_id in proposal.player_ids}
    left = [one for one in tickets if one.player_id not in seated]
    assert propose(left, NOW) == []


def test_roles_go_by_preference_where_nothing_else_is_at_stake():
    tickets = [ticket(number, (ROLES[number % 5], ROLES[(number + 1) % 5])) for number in range(10)]
    (proposal,) = propose(tickets, NOW)
    assert proposal.quality.preference == 0
    for team in (proposal.team_a, proposal.team_b):
        assert all(ROLES[int(player_id[1:]) % 5] == role for role, player_id in team.items())


@given(st.lists(st.integers(1450, 1550), min_size=10, max_size=10))
@settings(deadline=None)
def test_teams_are_as_close_in_rating_as_the_pairs_allow(ratings):
    tickets = [ticket(number, (ROLES[number % 5],), rating=rating) for number, rating in enumerate(ratings)]
    (proposal,) = propose(tickets, NOW)
    gaps = (
        abs(sum(sign * (ratings[i] - ratings[i + 5]) for i, sign in enumerate(signs)))
        for signs in product((1, -1), repeat=5)
    )
    assert proposal.quality.rating_gap == pytest.approx(min(gaps) / 5)


def test_the_seed_settles_who_picks_first():
    tickets = [ticket(number, rating=1500 + number) for number in range(10)]
    first_teams = {frozenset(propose(tickets, NOW, seed=seed)[0].team_a.values()) for seed in range(20)}
    assert len(first_teams) > 1
    assert propose(tickets, NOW, seed=7) == propose(tickets, NOW, seed=7)


def test_one_who_blocks_another_is_not_matched_with_them_either_way():
    for blocker, blocked in ((0, 5), (5, 0)):
        tickets = [ticket(number) for number in range(11)]
        tickets[blocker] = ticket(blocker, blocked=[f"p{blocked:03}"])
        (proposal,) = propose(tickets, NOW)
        assert "p000" in proposal.player_ids
        assert "p005" not in proposal.player_ids


def test_one_who_blocks_everybody_holds_up_nobody():
    everybody = [f"p{number:03}" for number in range(1, 11)]
    tickets = [ticket(0, blocked=everybody), *(ticket(number) for number in range(1, 11))]
    (proposal,) = propose(tickets, NOW)
    assert proposal.player_ids == set(everybody)


def test_a_role_that_lacks_players_makes_no_match():
    tickets = [ticket(number, (TOP_LANE, MIDDLE, BOTTOM_LANE, SUPPORT)) for number in range(20)]
    assert propose(tickets, NOW) == []
    tickets += [ticket(20, (TANK, SUPPORT)), ticket(21, (TANK, SUPPORT))]
    (proposal,) = propose(tickets, NOW)
    assert {"p020", "p021"} < proposal.player_ids


def test_who_names_a_rare_role_is_found_among_many_who_are_nearer():
    near = [ticket(number, (TOP_LANE, MIDDLE, BOTTOM_LANE, SUPPORT)) for number in range(60)]
    far = [ticket(number, (TANK, SUPPORT), rating=2400) for number in (60, 61)]
    (proposal,) = propose(near + far, NOW)
    assert {"p060", "p061"} < proposal.player_ids


def test_an_empty_queue_and_too_short_a_one_make_no_match():
    assert propose([], NOW) == []
    assert propose([ticket(number) for number in range(9)], NOW) == []


def test_the_quality_is_told():
    ratings = [1500, 1520, 1500, 1500, 1500, 1500, 1500, 1500, 1500, 1490]
    tickets = [ticket(number, (ROLES[number % 5],), rating=rating) for number, rating in enumerate(ratings)]
    (proposal,) = propose(tickets, NOW)
    assert proposal.quality.longest_wait == NOW
    assert proposal.quality.rating_range == 30
    assert proposal.quality.rating_gap == pytest.approx(2)
    assert proposal.quality.preference == 0
