"""Badges that playing earns: given with the match that completes what they ask for, once, and seen at once."""

from datetime import timedelta

import pytest

from matches.models import Match, Report
from matches.services import match_close, match_create, match_set_lobby
from matches.services.badges import RULES
from queue_app.services import entry_create
from tests.matches.conftest import NOON, proposal_of
from users.badges import CATALOGUE
from users.models import Badge, OwnedBadge, User
from users.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ten(make_user):
    return [make_user(f"player {index}") for index in range(10)]


def play(users, number=0, result="A-win") -> Match:
    now = NOON + timedelta(hours=number)
    for user in users:
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
    match = match_create(proposal=proposal_of(users), now=now)
    match_close(match_id=match.match_id, result=result, now=now)
    return match


def owned(user) -> set[str]:
    return set(OwnedBadge.objects.filter(user=user).values_list("badge_id", flat=True))


def winner_and_loser(match) -> tuple[User, User]:
    return match.seats.filter(team="A").first().user, match.seats.filter(team="B").first().user


def test_every_badge_of_the_catalogue_has_its_rule():
    assert set(RULES) == {badge.badge_id for badge in CATALOGUE}


def test_the_first_match_and_the_first_win(ten):
    winner, loser = winner_and_loser(play(ten))
    assert owned(winner) == {"first-match", "first-win"}
    assert owned(loser) == {"first-match"}
    assert OwnedBadge.objects.get(user=loser).earned_at == NOON


def test_a_match_that_nobody_won_earns_nothing(ten):
    play(ten, result="invalid")
    assert not OwnedBadge.objects.exists()


def test_a_badge_is_earned_once_and_stays_as_it_was(ten):
    for number in range(2):
        match = play(ten, number)
    _, loser = winner_and_loser(match)
    assert OwnedBadge.objects.get(user=loser, badge_id="first-match").earned_at == NOON


@pytest.mark.parametrize(
    ("fields", "badge_id"),
    [({"match_count": 8, "win_count": 8}, "ten-wins"), ({"match_count": 98, "win_count": 0}, "hundred-matches")],
)
def test_counts_earn_with_the_match_that_completes_them(ten, fields, badge_id):
    User.objects.update(**fields)
    winner, _ = winner_and_loser(play(ten, 0))
    assert badge_id not in owned(winner)
    play(ten, 1)
    assert badge_id in owned(winner)


def test_a_rating_that_was_reached_once(ten):
    reached, other = ten[0], ten[1]
    User.objects.filter(pk=reached.pk).update(max_rate=1600)
    play(ten)
    assert "rate-1600" in owned(reached)
    assert "rate-1600" not in owned(other)


def test_all_five_roles(ten):
    for number in range(5):
        assert not OwnedBadge.objects.filter(badge_id="all-rounder").exists()
        play(ten[number:] + ten[:number], number)  # each plays another role than before
    assert OwnedBadge.objects.filter(badge_id="all-rounder").count() == 10


def test_ten_lobbies_as_a_host(ten):
    for number in range(10):
        assert not OwnedBadge.objects.filter(badge_id="good-host").exists()
        now = NOON + timedelta(hours=number)
        for user in ten:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=now)
        match = match_create(proposal=proposal_of(ten), now=now)
        Match.objects.filter(pk=match.pk).update(host=ten[3])
        match_set_lobby(match_id=match.match_id, user_id=ten[3].user_id, lobby_id="12345678", now=now)
        match_close(match_id=match.match_id, result="A-win", now=now)
    assert OwnedBadge.objects.filter(badge_id="good-host").get().user == ten[3]


def test_fifty_matches_without_being_reported(ten):
    matches = [play(ten, number) for number in range(49)]
    named, other = ten[0], ten[1]
    for match, violations in ((matches[3], [named.pk]), (matches[5], [])):
        seat = match.seats.get(user=other)
        Report.objects.create(match=match, seat=seat, result="A-win", violations=violations)
    play(ten, 49)
    assert "fair-play" in owned(other)
    assert "fair-play" not in owned(named)
    for number in range(50, 54):
        play(ten, number)
    assert "fair-play" in owned(named)


def test_a_badge_that_staff_took_out_of_the_catalogue_is_not_given(ten):
    Badge.objects.filter(pk="first-win").delete()
    winner, _ = winner_and_loser(play(ten))
    assert owned(winner) == {"first-match"}
