"""Making matches of those who wait."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from matches.matchmaking import propose
from matches.models import Match, Phase, Seat, Status
from matches.services import formation, match_close, match_create, match_report, matchmaking_round
from queue_app.models import Entry
from queue_app.services import entry_create, entry_delete
from realtime.models import Presence, Worker
from tests.matches.conftest import NOON, proposal_of
from tests.scenes import open_lobby
from users.errors import Conflict
from users.models import Penalty
from users.roles import MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE

pytestmark = pytest.mark.django_db


def test_ten_who_wait_become_a_match(ten):
    (made,) = matchmaking_round(now=NOON)
    assert (made.status, made.phase, made.matched_at) == (Status.MATCHED, Phase.LOBBY, NOON)
    assert made.deadline == NOON + timedelta(seconds=150)
    assert made.decide_at == NOON + timedelta(minutes=40)
    assert {seat.user for seat in made.seats.all()} == set(ten)
    assert {(seat.team, seat.role) for seat in made.seats.all()} == {(team, role) for team in "AB" for role in ROLES}
    assert not Entry.objects.exists()
    assert matchmaking_round(now=NOON) == []


def test_a_seat_remembers_the_wait_the_roles_and_the_rating(ten):
    ten[3].rate = 1450
    ten[3].save()
    made = match_create(proposal=proposal_of(ten), now=NOON)
    seat = made.seats.get(user=ten[3])
    assert (seat.team, seat.role, seat.rate_before) == ("A", SUPPORT, 1450)
    assert seat.queued_at == NOON - timedelta(seconds=57)
    assert seat.selected_roles == list(ROLES)


def test_nine_are_too_few(ten):
    entry_delete(user_id=ten[0].user_id)
    assert matchmaking_round(now=NOON) == []


def test_those_shut_out_are_not_matched(ten):
    Penalty.objects.create(user=ten[0], reason="left", until=NOON + timedelta(minutes=1))
    assert matchmaking_round(now=NOON) == []
    assert not Entry.objects.filter(user=ten[0]).exists()


def test_those_who_block_each_other_are_not_matched(ten, make_user):
    ten[9].blocked_user_ids = [ten[0].user_id]
    ten[9].save()
    assert matchmaking_round(now=NOON) == []
    entry_create(user_id=make_user().user_id, selected_roles=list(ROLES), now=NOON - timedelta(seconds=50))
    (made,) = matchmaking_round(now=NOON)
    assert not made.seats.filter(user=ten[9]).exists()


@pytest.mark.parametrize("what", ["left", "roles changed twice", "banned", "matched by another round"])
def test_a_proposal_that_things_have_overtaken_comes_to_nothing(ten, make_user, what):
    proposal = proposal_of(ten)  # ten[0] is to play the top lane
    if what == "left":
        entry_delete(user_id=ten[0].user_id)
    elif what == "roles changed twice":
        for roles, now in (([MIDDLE, TANK], NOON), ([SUPPORT, TANK], NOON + timedelta(seconds=10))):
            entry_create(user_id=ten[0].user_id, selected_roles=roles, now=now)
    elif what == "banned":
        ten[0].banned_at = NOON
        ten[0].save()
    else:
        assert match_create(proposal=proposal, now=NOON)
    before = Match.objects.count(), Entry.objects.count()
    assert match_create(proposal=proposal, now=NOON) is None
    assert (Match.objects.count(), Entry.objects.count()) == before


def test_a_change_of_roles_that_keeps_the_proposed_one_does_no_harm(ten):
    entry_create(user_id=ten[0].user_id, selected_roles=[MIDDLE, TOP_LANE], now=NOON)
    made = match_create(proposal=proposal_of(ten), now=NOON)
    assert made.seats.get(user=ten[0]).selected_roles == [MIDDLE, TOP_LANE]


def test_a_change_of_roles_counts_from_the_next_round(ten):
    """Else who changes all the time would have every match fall through that is proposed with them."""
    proposal = proposal_of(ten)  # ten[0] is to play the top lane
    entry_create(user_id=ten[0].user_id, selected_roles=[MIDDLE, TANK], now=NOON)
    seat = match_create(proposal=proposal, now=NOON).seats.get(user=ten[0])
    assert (seat.role, seat.selected_roles) == (TOP_LANE, list(ROLES))


def test_who_goes_while_a_round_proposes_costs_the_others_no_round(ten, make_user, monkeypatch):
    entry_create(user_id=make_user("late").user_id, selected_roles=list(ROLES), now=NOON - timedelta(seconds=50))
    proposed = []

    def and_one_leaves(*arguments, **options):
        proposed.append(propose(*arguments, **options))
        if len(proposed) == 1:
            entry_delete(user_id=ten[0].user_id)
        return proposed[-1]

    monkeypatch.setattr(formation, "propose", and_one_leaves)
    (made,) = matchmaking_round(now=NOON)
    assert len(proposed) == 2
    assert not made.seats.filter(user=ten[0]).exists()


def test_who_leaves_and_joins_again_all_the_time_costs_the_others_no_round(ten, make_user, monkeypatch):
    entry_create(user_id=make_user("late").user_id, selected_roles=list(ROLES), now=NOON - timedelta(seconds=40))
    joined_at = iter(NOON - timedelta(seconds=60 - second) for second in range(9))  # always waiting longest
    entry_delete(user_id=ten[0].user_id)
    entry_create(user_id=ten[0].user_id, selected_roles=[MIDDLE, TANK], now=next(joined_at))

    def and_one_comes_and_goes(*arguments, **options):
        proposals = propose(*arguments, **options)
        if waiting := Entry.objects.filter(user=ten[0]).first():
            roles = [TOP_LANE, SUPPORT] if MIDDLE in waiting.selected_roles else [MIDDLE, TANK]
            entry_delete(user_id=ten[0].user_id)
            entry_create(user_id=ten[0].user_id, selected_roles=roles, now=next(joined_at))
        return proposals

    monkeypatch.setattr(formation, "propose", and_one_comes_and_goes)
    (made,) = matchmaking_round(now=NOON)
    assert not made.seats.filter(user=ten[0]).exists()


class TestHost:
    def host(self, ten) -> str:
        return match_create(proposal=proposal_of(ten), now=NOON).host.trainer_name

    def test_who_has_waited_longest(self, ten):
        assert self.host(ten) == "p0"

    def test_before_that_who_has_played_most(self, ten):
        ten[4].match_count = 12
        ten[4].save()
        assert self.host(ten) == "p4"

    def test_before_that_who_is_online(self, ten):
        ten[4].match_count = 12
        ten[4].save()
        worker = Worker.objects.create(worker_id="w", expires_at=NOON)
        Presence.objects.create(worker=worker, owner=ten[7].user_id)
        assert self.host(ten) == "p7"


class TestVoicePairs:
    def more_matches(self, make_user, count: int) -> list[Match]:
        for _ in range(10 * count):
            entry_create(user_id=make_user().user_id, selected_roles=list(ROLES), now=NOON)
        return matchmaking_round(now=NOON)

    def test_each_open_match_has_its_own_pair_from_the_lowest_on(self, make_user):
        made = self.more_matches(make_user, 3)
        assert sorted(match.voice_channel for match in made) == [1, 3, 5]

    def test_a_pair_comes_back_when_its_match_is_done(self, make_user):
        made = self.more_matches(make_user, 3)
        done = next(match for match in made if match.voice_channel == 3)
        match_close(match_id=done.match_id, result="invalid", now=NOON)
        (again,) = self.more_matches(make_user, 1)
        assert again.voice_channel == 3

    def test_a_match_without_voice_beats_no_match(self, ten):
        for number in range(1, 98, 2):
            Match.objects.create(voice_channel=number)
        (made,) = matchmaking_round(now=NOON)
        assert made.voice_channel is None


class TestTheDatabaseItself:
    """What the services promise holds for every other writer too."""

    def refused(self, write) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()

    def test_one_entry_a_player(self, ten):
        self.refused(lambda: Entry.objects.bulk_create([Entry(user=ten[0], selected_roles=[TANK, SUPPORT])]))

    def test_one_open_seat_a_player(self, match, ten):
        other = Match.objects.create()
        seat = {"match": other, "team": "A", "role": TANK, "selected_roles": [], "queued_at": NOON, "rate_before": 1}
        self.refused(lambda: Seat.objects.create(user=ten[0], **seat))
        Seat.objects.create(user=ten[0], is_open=False, **seat)

    def test_one_seat_a_team_and_role(self, match, make_user):
        seat = {"match": match, "selected_roles": [], "queued_at": NOON, "rate_before": 1, "is_open": False}
        self.refused(lambda: Seat.objects.create(user=make_user(), team="A", role=TANK, **seat))
        self.refused(lambda: Seat.objects.create(user=make_user(), team="C", role=TANK, **seat))
        self.refused(lambda: Seat.objects.create(user=make_user(), team="A", role="JUNGLE", **seat))

    def test_one_open_match_a_voice_pair(self, match):
        self.refused(lambda: Match.objects.create(voice_channel=match.voice_channel))
        self.refused(lambda: Match.objects.create(voice_channel=2))
        self.refused(lambda: Match.objects.create(voice_channel=99))

    def test_a_result_exactly_when_done(self, match):
        self.refused(lambda: Match.objects.filter(pk=match.pk).update(status=Status.DONE))
        self.refused(lambda: Match.objects.filter(pk=match.pk).update(result="A-win"))

    def test_one_report_a_seat(self, match, ten):
        open_lobby(match)
        report, _ = match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
        self.refused(
            lambda: type(report).objects.bulk_create([type(report)(seat=report.seat, match=match, result="B-win")])
        )


def test_matched_players_are_kept_out_of_the_queue(match, ten):
    for call in (
        lambda: entry_create(user_id=ten[0].user_id, selected_roles=[TANK, SUPPORT], now=NOON),
        lambda: entry_delete(user_id=ten[0].user_id),
    ):
        with pytest.raises(Conflict) as refusal:
            call()
        assert refusal.value.get_codes() == "in_match"
    assert not Entry.objects.exists()
