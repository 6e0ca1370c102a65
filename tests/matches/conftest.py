"""Players in the queue and matches made of them."""

from datetime import UTC, datetime, timedelta

import pytest

from matches.matchmaking import Proposal, Quality
from matches.models import Match
from matches.services import match_create, match_report, match_seen
from queue_app.services import entry_create
from tests.scenes import open_lobby
from users.models import User
from users.roles import ROLES

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIRST_WIN, FIRST_LOSS = 36, -31
"""What a match of ten newcomers moves: the mean by 33.5 points, and the certainty gained shows as 2.2 more."""
UNKNOWN = "abcdefgh23456789"
"""The form of a public id, of nothing and nobody."""


@pytest.fixture
def ten(make_user):
    """Ten players who wait since shortly before noon, in the order of their waiting, for any role."""
    users = [make_user(f"p{number}") for number in range(10)]
    for number, user in enumerate(users):
        entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON - timedelta(seconds=60 - number))
    return users


def proposal_of(users: list[User]) -> Proposal:
    """The first five as team A and the others as team B, in the order of the roles."""
    ids = [user.user_id for user in users]
    return Proposal(
        team_a=dict(zip(ROLES, ids[:5], strict=True)),
        team_b=dict(zip(ROLES, ids[5:], strict=True)),
        quality=Quality(rating_gap=0, rating_range=0, preference=0, longest_wait=0, cost=0),
    )


@pytest.fixture
def match(ten) -> Match:
    """A match of `ten`, made at noon: the first five against the others. All have opened it."""
    made = match_create(proposal=proposal_of(ten), now=NOON)
    assert made is not None
    for user in ten:
        match_seen(match_id=made.match_id, user_id=user.user_id, now=NOON)
    return made


@pytest.fixture
def lobby(match) -> Match:
    """The same match with a lobby, so that a winner can be reported."""
    return open_lobby(match)


def report_all(match: Match, users: list[User], results: list[str], now: datetime) -> None:
    """One report a result, by the players in their order."""
    if not Match.objects.get(pk=match.pk).lobby_id:
        open_lobby(match)
    for user, result in zip(users, results, strict=False):
        match_report(match_id=match.match_id, user_id=user.user_id, result=result, now=now)
