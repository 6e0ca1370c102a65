"""Any order of joins, leaves, rounds, lobbies, hosts, reports and waiting leaves a legal state and nobody stuck."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from rest_framework.exceptions import APIException

from matches.models import Match, MatchEvent, MissingMark, Phase, Report, Seat, Status
from matches.services import (
    match_close,
    match_hand_host,
    match_mark_missing,
    match_report,
    match_seen,
    match_set_lobby,
    matches_advance,
    matchmaking_round,
)
from queue_app.models import Entry
from queue_app.services import entries_drop_shut_out, entry_create, entry_delete
from tests.matches.conftest import NOON
from users.models import START_RATE, Penalty, User
from users.roles import ROLES

PLAYERS = 23
players = st.integers(0, PLAYERS - 1)
flexible = st.permutations(ROLES)
choosy = st.lists(st.sampled_from(ROLES), min_size=2, max_size=3, unique=True)
results = st.sampled_from(["A-win", "A-win", "A-win", "B-win", "invalid"])


class Evening(RuleBasedStateMachine):
    """Everything happens in one transaction, which is rolled back in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOON
        self.closed_by_staff: set[str] = set()
        self.ids = [
            User.objects.create(subject=f"test|{number}", trainer_name=str(number)).user_id for number in range(PLAYERS)
        ]

    def teardown(self) -> None:
        try:
            self.everybody_is_free_in_the_end()
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def refused(self, call, **arguments) -> str | None:
        """The code of the refusal, or None; a refusal must have written nothing."""
        before = self.state()
        try:
            call(**arguments)
        except APIException as refusal:
            assert self.state() == before
            return str(refusal.get_codes())
        return None

    def state(self) -> tuple:
        models = (Entry, Match, Seat, Report, MissingMark, User, Penalty)
        return tuple(list(model.objects.order_by("pk").values()) for model in models)

    def has_open_seat(self, user_id: str) -> bool:
        return Seat.objects.filter(user_id=user_id, is_open=True).exists()

    def some_match(self, number: int) -> Match | None:
        matches = list(Match.objects.order_by("matched_at", "voice_channel", "closed_at"))
        return matches[number % len(matches)] if matches else None

    def some_player(self, match: Match, number: int) -> str:
        return match.seats.order_by("team", "role")[number % 10].user_id

    @initialize(roles=st.lists(flexible, min_size=PLAYERS, max_size=PLAYERS))
    def a_full_queue(self, roles):
        for user_id, selected in zip(self.ids, roles, strict=True):
            entry_create(user_id=user_id, selected_roles=list(selected), now=self.now)

    @rule(player=players, roles=flexible | choosy)
    def join(self, player, roles):
        user_id = self.ids[player]
        expected = "in_match" if self.has_open_seat(user_id) else None
        entry = Entry.objects.filter(user=user_id).first()
        if entry and entry.selected_roles != list(roles) and entry.roles_changed_at:
            expected = "too_soon" if self.now < entry.roles_changed_at + timedelta(seconds=10) else None
        if Penalty.objects.filter(user=user_id, until__gt=self.now).exists():
            expected = "penalty"
        arguments = {"user_id": user_id, "selected_roles": list(roles), "now": self.now}
        assert self.refused(entry_create, **arguments) == expected

    @rule(player=players)
    def leave(self, player):
        user_id = self.ids[player]
        assert self.refused(entry_delete, user_id=user_id) == ("in_match" if self.has_open_seat(user_id) else None)

    @rule()
    def round(self):
        entries_drop_shut_out(now=self.now)
        waiting = Entry.objects.count()
        made = matchmaking_round(now=self.now)
        assert Entry.objects.count() == waiting - 10 * len(made)

    @rule(which=st.integers(0, 9), player=st.integers(0, 9), lobby_id=st.sampled_from(["00000001", "00000002"]))
    def lobby(self, which, player, lobby_id):
        if (match := self.some_match(which)) is None:
            return
        user_id = self.some_player(match, player)
        refusal = self.refused(
            match_set_lobby, match_id=match.match_id, user_id=user_id, lobby_id=lobby_id, now=self.now
        )
        if match.host_id != user_id:
            assert refusal == "not_host"
        else:
            assert refusal == ("match_done" if match.status == Status.DONE else None)

    @rule(which=st.integers(0, 9), first=st.integers(0, 9), count=st.integers(1, 10))
    def look(self, which, first, count):
        if (match := self.some_match(which)) is None:
            return
        for number in range(first, first + count):
            match_seen(match_id=match.match_id, user_id=self.some_player(match, number), now=self.now)

    @rule(which=st.integers(0, 9), player=st.integers(0, 9), to=st.integers(0, 9))
    def host(self, which, player, to):
        if (match := self.some_match(which)) is None:
            return
        user_id, host = self.some_player(match, player), self.some_player(match, to)
        refusal = self.refused(
            match_hand_host, match_id=match.match_id, user_id=user_id, host_user_id=host, now=self.now
        )
        match.refresh_from_db()
        if refusal is None:  # handed on; or the second host who was late, and then nobody leads it
            assert match.host_id == host or match.result == "invalid"
        else:
            assert refusal in ("not_host", "match_done", "cannot_host")
            assert refusal != "cannot_host" or not match.seats.get(user=host).is_open

    @rule(which=st.integers(0, 9), player=st.integers(0, 9), missing=st.integers(0, 9), count=st.integers(1, 6))
    def mark_missing(self, which, player, missing, count):
        if (match := self.some_match(which)) is None:
            return
        missing_id = self.some_player(match, missing)
        for number in range(player, player + count):
            match.refresh_from_db()
            user_id = self.some_player(match, number)
            said = MissingMark.objects.filter(seat__user=missing_id, by__user=user_id, match=match).exists()
            if user_id == missing_id:
                continue
            arguments = {"match_id": match.match_id, "user_id": user_id, "missing_user_id": missing_id}
            refusal = self.refused(match_mark_missing, **arguments, now=self.now)
            if said or match.phase == Phase.JOINING:
                assert refusal is None
            else:
                assert refusal == ("match_done" if match.status == Status.DONE else "wrong_phase")

    @rule(which=st.integers(0, 9), player=st.integers(0, 9), result=results, count=st.integers(1, 10))
    def report(self, which, player, result, count):
        if (match := self.some_match(which)) is None:
            return
        for number in range(player, player + count):
            match.refresh_from_db()
            user_id = self.some_player(match, number)
            earlier = Report.objects.filter(match=match, seat__user=user_id).first()
            no_lobby = match.phase == Phase.LOBBY and result != "invalid"
            refusal = self.refused(match_report, match_id=match.match_id, user_id=user_id, result=result, now=self.now)
            if earlier is not None:
                assert refusal == (None if earlier.result == result else "already_reported")
            else:
                expected = "wrong_phase" if no_lobby else None
                assert refusal == ("match_done" if match.status == Status.DONE else expected)
                assert not self.has_open_seat(user_id) or refusal

    @rule(which=st.integers(0, 9), result=results)
    def close(self, which, result):
        if (match := self.some_match(which)) is None:
            return
        refusal = self.refused(match_close, match_id=match.match_id, result=result, now=self.now)
        assert refusal == ("match_done" if match.status == Status.DONE else None)
        if refusal is None:
            self.closed_by_staff.add(match.match_id)

    @rule(seconds=st.sampled_from([1, 60, 130, 260, 1200]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        matches_advance(now=self.now)
        assert not Match.objects.filter(status=Status.MATCHED, decide_at__lte=self.now).exists()
        assert not Match.objects.filter(phase__in=["lobby", "joining"], deadline__lte=self.now).exists()

    @invariant()
    def a_player_waits_or_plays_once(self):
        opened = list(Seat.objects.filter(is_open=True).values_list("user_id", flat=True))
        assert len(opened) == len(set(opened))
        assert not Entry.objects.filter(user__in=opened).exists()

    @invariant()
    def a_seat_is_open_until_reported_or_done(self):
        for seat in Seat.objects.select_related("match", "report"):
            reported = hasattr(seat, "report")
            assert seat.is_open == (not reported and seat.match.status == Status.MATCHED)

    @invariant()
    def only_the_absent_are_punished_once(self):
        for penalty in Penalty.objects.all():
            seat = Seat.objects.get(match=penalty.source, user=penalty.user_id)
            assert seat.match.result == "invalid"
            there = MatchEvent.objects.filter(match=seat.match, kind="seen", user=seat.user).exists()
            assert seat.lobby_misses or seat.missing_marks.count() >= 4 or not there

    @invariant()
    def five_marks_or_two_misses_end_a_match(self):
        for match in Match.objects.filter(status=Status.MATCHED):
            seats = list(match.seats.all())
            assert max(seat.missing_marks.count() for seat in seats) < 5
            assert sum(seat.lobby_misses for seat in seats) < 2

    @invariant()
    def the_host_of_an_open_match_is_held_by_it(self):
        for match in Match.objects.filter(status=Status.MATCHED):
            assert match.seats.get(user=match.host_id).is_open

    @invariant()
    def no_phase_before_playing_lasts(self):
        for match in Match.objects.filter(status=Status.MATCHED).exclude(phase=Phase.PLAYING):
            longest = 250 if match.phase == Phase.JOINING else 150
            assert self.now < match.deadline <= self.now + timedelta(seconds=longest)
            if match.phase == Phase.JOINING:
                first = match.events.filter(kind="lobby").first()
                assert match.deadline == first.happened_at + timedelta(seconds=250)

    @invariant()
    def nothing_is_won_without_a_lobby_or_by_few(self):
        for match in Match.objects.filter(status=Status.DONE).exclude(result="invalid"):
            if match.match_id in self.closed_by_staff:
                continue
            votes = list(match.reports.values_list("seat__team", "result"))
            assert match.lobby_id
            assert len(votes) >= 3
            assert {team for team, _ in votes} == {"A", "B"} or (len(votes) >= 4 and len(set(votes)) == 1)

    @invariant()
    def open_matches_have_voice_pairs_of_their_own(self):
        pairs = list(Match.objects.filter(status=Status.MATCHED).values_list("voice_channel", flat=True))
        assert None not in pairs
        assert len(pairs) == len(set(pairs))

    @invariant()
    def ratings_are_what_the_seats_say_once(self):
        rate, matches, wins = Counter(dict.fromkeys(self.ids, START_RATE)), Counter(), Counter()
        for seat in Seat.objects.filter(match__status=Status.DONE).select_related("match"):
            rate[seat.user_id] += seat.rate_delta
            matches[seat.user_id] += seat.match.result != "invalid"
            wins[seat.user_id] += seat.wins_by(seat.match.result)
        for user in User.objects.all():
            stored = (user.rate, user.match_count, user.win_count)
            assert stored == (rate[user.user_id], matches[user.user_id], wins[user.user_id])

    def everybody_is_free_in_the_end(self) -> None:
        matches_advance(now=self.now + timedelta(minutes=40))
        assert not Match.objects.filter(status=Status.MATCHED).exists()
        Penalty.objects.update(lifted_at=self.now)
        for user_id in self.ids:
            entry_create(user_id=user_id, selected_roles=list(ROLES), now=self.now + timedelta(seconds=10))
        assert len(matchmaking_round(now=self.now + timedelta(minutes=40))) == PLAYERS // 10


@pytest.mark.django_db
@pytest.mark.timeout(300)
def test_any_evening():
    run_state_machine_as_test(
        Evening,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
