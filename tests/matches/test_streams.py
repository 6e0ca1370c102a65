"""What matches show in streams, who may see them, and which writes make which streams dirty."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matches.models import Match, Report, Seat
from matches.services import (
    match_close,
    match_create,
    match_hand_host,
    match_replace_player,
    match_report,
    match_set_lobby,
)
from matches.streams import MATCH, open_to, own_match, update_types
from queue_app.services import entry_create, entry_delete
from queue_app.streams import QUEUE
from realtime.identity import Identity
from realtime.models import DirtyStream, Presence, Worker
from realtime.protocol import diff
from tests.matches.conftest import FIRST_LOSS, FIRST_WIN, NOON, proposal_of, report_all
from tests.scenes import open_lobby
from users.models import Badge, OwnedBadge, User
from users.roles import MIDDLE, ROLES, SUPPORT, TANK, TOP_LANE
from users.streams import USER

pytestmark = pytest.mark.django_db


def shown(match) -> dict:
    return MATCH.project([match.match_id])[match.match_id]


def take_dirty() -> set[str]:
    found = set(DirtyStream.objects.values_list("stream", flat=True))
    DirtyStream.objects.all().delete()
    return found


@pytest.fixture
def worker(db):
    return Worker.objects.create(worker_id="w", expires_at=NOON)


def test_an_open_match(match, ten):
    document = shown(match)
    players = document.pop("players")
    assert document == {
        "match_id": match.match_id,
        "status": "matched",
        "phase": "lobby",
        "matched_at": "2026-01-01T12:00:00Z",
        "deadline": "2026-01-01T12:02:30Z",
        "host_user_id": ten[0].user_id,
        "vc": {"A": 1, "B": 2},
        "report_count": 0,
    }
    assert set(players) == {user.user_id for user in ten}
    assert players[ten[1].user_id] == {
        "team": "A",
        "role": MIDDLE,
        "trainer_name": "p1",
        "rate": 1500,
        "badges": [],
        "online": False,
        "reported": False,
    }


def test_an_open_match_shows_the_accounts_as_they_are_but_the_rating_of_matching(match, ten, worker):
    Presence.objects.create(worker=worker, owner=ten[1].user_id)
    for place, badge_id in ((2, "first"), (1, "second"), (None, "third")):
        badge = Badge.objects.create(badge_id=badge_id, name=badge_id, earned_by="playing")
        OwnedBadge.objects.create(user=ten[1], badge=badge, place=place)
    User.objects.filter(pk=ten[1].pk).update(trainer_name="renamed", rate=1400)
    player = shown(match)["players"][ten[1].user_id]
    assert player["trainer_name"] == "renamed"
    assert player["badges"] == ["second", "first"]
    assert player["online"] is True
    assert player["rate"] == 1500


def test_players_with_names_that_look_alike_have_tags_in_an_open_match_and_in_a_finished_one(match, ten):
    User.objects.filter(pk=ten[3].pk).update(trainer_name="р1")  # a Cyrillic letter
    expected = {ten[1].user_id: ten[1].user_id[:4], ten[3].user_id: ten[3].user_id[:4]}

    def tagged() -> dict:
        players = shown(match)["players"]
        return {user_id: player["tag"] for user_id, player in players.items() if "tag" in player}

    assert tagged() == expected
    match_close(match_id=match.match_id, result="A-win")
    User.objects.filter(pk=ten[3].pk).update(trainer_name="somebody else")
    assert tagged() == expected


def test_a_finished_match_shows_them_as_they_were(match, ten, worker):
    open_lobby(match)
    match_report(match_id=match.match_id, user_id=ten[0].user_id, result="B-win", now=NOON)
    Presence.objects.create(worker=worker, owner=ten[1].user_id)
    match_close(match_id=match.match_id, result="B-win", now=NOON)
    before = shown(match)
    assert (before["status"], before["phase"], before["result"]) == ("done", "done", "B-win")
    assert before["rate_deltas"] == {user.user_id: FIRST_LOSS if n < 5 else FIRST_WIN for n, user in enumerate(ten)}
    assert before["players"][ten[0].user_id]["reported"] is True
    assert before["players"][ten[1].user_id]["online"] is True
    assert before["lobby_id"] == "12345678"
    assert "vc" not in before  # it is given back
    assert "deadline" not in before
    Presence.objects.all().delete()
    User.objects.update(trainer_name="renamed")
    assert shown(match) == before


def test_an_invalid_match_moves_every_rating_by_nothing(match, ten):
    match_close(match_id=match.match_id, result="invalid", now=NOON)
    assert shown(match)["rate_deltas"] == {user.user_id: 0 for user in ten}


def test_there_is_no_projection_of_no_match(db):
    assert MATCH.project(["nosuchmatch", "\x01"]) == {"nosuchmatch": None, "\x01": None}


def test_nothing_personal_is_shown(match, ten):
    User.objects.update(email="hidden@example.org")
    User.objects.filter(pk=ten[0].pk).update(discord_id="998877")
    text = str(shown(match))
    for secret in ("test|", "hidden@example.org", "998877"):
        assert secret not in text


class TestOwnMatch:
    def match_id(self, user) -> str | None:
        return USER.project([user.user_id])[user.user_id].get("match_id")

    def test_it_is_the_open_match(self, match, ten, make_user):
        assert self.match_id(ten[0]) == match.match_id
        assert self.match_id(make_user()) is None
        assert own_match({"match_id": match.match_id}) == [f"match_{match.match_id}"]
        assert own_match({}) == []

    def test_it_stays_after_the_own_report_until_the_match_is_done(self, match, ten):
        open_lobby(match)
        match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
        assert self.match_id(ten[0]) == match.match_id
        match_close(match_id=match.match_id, result="A-win", now=NOON)
        assert self.match_id(ten[0]) is None

    def test_it_is_none_while_queueing_again(self, match, ten):
        open_lobby(match)
        match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
        entry_create(user_id=ten[0].user_id, selected_roles=[TANK, SUPPORT], now=NOON)
        assert self.match_id(ten[0]) is None
        entry_delete(user_id=ten[0].user_id)
        assert self.match_id(ten[0]) == match.match_id

    def test_of_two_it_is_the_later_and_never_the_earlier_again(self, match, ten, make_user):
        open_lobby(match)
        match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
        others = [ten[0], *(make_user() for _ in range(9))]
        for user in others:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
        second = match_create(proposal=proposal_of(others), now=NOON)
        assert self.match_id(ten[0]) == second.match_id
        match_close(match_id=second.match_id, result="A-win", now=NOON)
        assert self.match_id(ten[0]) is None


class TestQueueNumbers:
    def queue(self) -> dict:
        return QUEUE.project([""])[""]

    def test_before_any_match(self, db):
        numbers = self.queue()
        assert numbers["ongoing_matches"] == numbers["previous_user_count"] == 0
        assert "previous_matched_at" not in numbers
        assert numbers["estimated_wait"] == {}

    def test_matches_are_counted_while_they_are_open(self, match):
        numbers = self.queue()
        assert (numbers["ongoing_matches"], numbers["previous_user_count"]) == (1, 10)
        assert numbers["previous_matched_at"] == "2026-01-01T12:00:00Z"
        match_close(match_id=match.match_id, result="invalid", now=NOON)
        assert self.queue() == numbers | {"ongoing_matches": 0}

    def test_players_of_the_same_moment_are_counted_together(self, ten, make_user):
        others = [make_user() for _ in range(10)]
        for user in others:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
        for users in (ten, others):
            match_create(proposal=proposal_of(users), now=NOON)
        assert self.queue()["previous_user_count"] == 20

    def test_the_wait_follows_from_arrivals_and_matches(self, match, make_user):
        # They came a second apart and waited 55.5 s on average: a match is made at about 60 waiting.
        assert self.queue()["estimated_wait"] == dict.fromkeys(ROLES, 60)
        for number in range(6):
            entry_create(
                user_id=make_user().user_id, selected_roles=[TANK, SUPPORT], now=NOON + timedelta(minutes=5 * number)
            )
        waits = self.queue()["estimated_wait"]
        assert waits[TANK] > waits[SUPPORT] == waits[TOP_LANE]

    @pytest.mark.parametrize("has_waited", [False, True])
    def test_a_seat_that_is_filled_later_says_nothing_of_waits(self, match, ten, make_user, has_waited):
        replacement, later = make_user(), NOON + timedelta(minutes=10)
        if has_waited:
            entry_create(user_id=replacement.pk, selected_roles=[TANK, SUPPORT], now=later)
        match_replace_player(
            match_id=match.pk, user_id=ten[0].pk, replacement_user_id=replacement.pk, now=later + timedelta(minutes=10)
        )
        assert self.queue()["estimated_wait"] == dict.fromkeys(ROLES, 60)

    def test_it_names_nobody(self, match, ten):
        text = str(self.queue())
        assert match.match_id not in text
        assert not any(user.user_id in text for user in ten)


class TestAdmission:
    def test_a_match_is_open_to_players_and_staff_and_nobody_else(self, match, ten, make_user):
        asked = [match.match_id, "aaaaaaaaaaaaaaaa"]
        assert set(open_to(Identity(ten[0].user_id, 0), asked)) == {match.match_id}
        stranger = make_user()
        assert not open_to(Identity(stranger.user_id, 0), asked)
        assert match.match_id in open_to(Identity(stranger.user_id, 0, is_staff=True), asked)

    def test_many_are_one_question(self, match, ten, django_assert_num_queries):
        asked = [match.match_id, *(f"{n:016}".replace("0", "a") for n in range(63))]
        with django_assert_num_queries(1):
            assert set(open_to(Identity(ten[0].user_id, 0), asked)) == {match.match_id}

    @pytest.mark.parametrize("match_id", ["", "\x00", "x" * 10_000, "no such"])
    @pytest.mark.parametrize("is_staff", [False, True])
    def test_what_is_no_id_is_open_to_nobody(self, ten, match_id, is_staff):
        assert not open_to(Identity(ten[0].user_id, 0, is_staff=is_staff), [match_id])


class TestUpdateTypes:
    def types_of(self, match, write) -> list[str]:
        before = shown(match)
        write()
        after = shown(match)
        assert after != before
        return update_types(diff(before, after), after).update_types

    def test_each_kind_of_change_has_its_word(self, match, ten, worker):
        match_id, host = match.match_id, ten[0].user_id
        assert self.types_of(
            match, lambda: match_set_lobby(match_id=match_id, user_id=host, lobby_id="12345678", now=NOON)
        ) == ["lobby_id_updated"]
        assert self.types_of(
            match,
            lambda: match_hand_host(match_id=match_id, user_id=host, host_user_id=ten[1].user_id, now=NOON),
        ) == ["host_changed"]
        assert self.types_of(match, lambda: Presence.objects.create(worker=worker, owner=host)) == ["presence_changed"]
        assert self.types_of(match, lambda: report_all(match, ten, ["A-win"] * 5, NOON)) == [
            "host_changed",
            "match_reported",
        ]
        assert self.types_of(match, lambda: report_all(match, ten[5:], ["A-win"], NOON)) == [
            "match_reported",
            "match_completed",
        ]
        correction = lambda: Match.objects.update(result="invalid")  # noqa: E731
        assert self.types_of(match, correction) == ["match_cancelled"]

    def test_what_has_no_word_has_none(self, match, ten):
        rename = lambda: User.objects.filter(pk=ten[0].pk).update(trainer_name="renamed")  # noqa: E731
        assert self.types_of(match, rename) == []

    def test_an_invalid_match_is_cancelled(self, match):
        close = lambda: match_close(match_id=match.match_id, result="invalid", now=NOON)  # noqa: E731
        assert "match_cancelled" in self.types_of(match, close)


class TestMarks:
    def test_a_new_match_marks_the_queue_itself_and_its_players(self, ten):
        take_dirty()
        made = match_create(proposal=proposal_of(ten), now=NOON)
        assert take_dirty() == {"queue", f"match_{made.match_id}", *(f"user_{user.user_id}" for user in ten)}

    def test_every_way_of_changing_a_match_marks_it(self, match, ten):
        stream = f"match_{match.match_id}"
        for write in (
            lambda: Match.objects.update(lobby_id="12345678"),
            lambda: Seat.objects.update(was_online=True),
            lambda: match_report(match_id=match.match_id, user_id=ten[0].user_id, result="invalid", now=NOON),
            lambda: Report.objects.update(result="B-win"),
            lambda: Report.objects.all().delete(),
        ):
            take_dirty()
            write()
            assert stream in take_dirty()

    def test_presence_marks_its_owner(self, ten, worker):
        take_dirty()
        Presence.objects.create(worker=worker, owner=ten[0].user_id)
        assert take_dirty() == {f"user_{ten[0].user_id}"}

    def test_changed_players_make_the_open_matches_that_show_them_dirty(self, match, ten, make_user):
        stranger = make_user()
        (affected,) = USER.affected
        assert list(affected([ten[0].user_id, ten[1].user_id, stranger.user_id])) == [f"match_{match.match_id}"]
        # Having reported and moved on does not take a player out of the picture.
        open_lobby(match)
        match_report(match_id=match.match_id, user_id=ten[0].user_id, result="A-win", now=NOON)
        assert list(affected([ten[0].user_id])) == [f"match_{match.match_id}"]
        match_close(match_id=match.match_id, result="A-win", now=NOON)
        assert list(affected([ten[0].user_id])) == []

    def test_a_match_affects_its_players(self, match, ten):
        (affected,) = MATCH.affected
        assert set(affected([match.match_id])) == {f"user_{user.user_id}" for user in ten}


def test_projections_take_a_fixed_number_of_queries(make_user):
    made = []
    for _ in range(3):
        users = [make_user() for _ in range(10)]
        for user in users:
            entry_create(user_id=user.user_id, selected_roles=list(ROLES), now=NOON)
        made.append(match_create(proposal=proposal_of(users), now=NOON))
    users = list(User.objects.all())

    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            MATCH.project([match.match_id for match in made[:number]])
            USER.project([user.user_id for user in users[: 10 * number]])
        return len(captured)

    assert queries(3) == queries(1)
