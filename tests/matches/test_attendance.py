"""Of several who are absent all are treated alike, and nobody waits for who was never there."""

from datetime import timedelta

import pytest

from matches.absence import absent
from matches.models import Match, MatchEvent, Seat
from matches.services import (
    match_create,
    match_mark_missing,
    match_replace_player,
    match_report,
    match_seen,
    matches_advance,
)
from queue_app.models import Entry
from realtime.models import Presence, Worker
from tests.matches.conftest import NOON, proposal_of
from tests.oracle import notice_of
from tests.scenes import open_lobby
from users.models import Penalty

pytestmark = pytest.mark.django_db
SEATS = range(10)


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


def everybody_marks(markers, missing) -> list[tuple[int, int]]:
    """Up to the mark that ends the match."""
    marks: list[tuple[int, int]] = []
    for by in markers:
        for seat in missing:
            marks.append((seat, by))
            if sum(marked == seat for marked, _ in marks) == 5:
                return marks
    return marks


@pytest.mark.parametrize("missing", [[9], [8, 9], [7, 8, 9], [6, 7, 8, 9], [5, 6, 7, 8, 9]])
def test_all_whom_everybody_marks_are_absent(missing):
    marks = everybody_marks([seat for seat in SEATS if seat not in missing], missing)
    assert absent(SEATS, marks, SEATS) == set(missing)


def test_a_few_who_mark_another_do_not_make_him_absent():
    marks = everybody_marks([0, 1, 2, 3, 4], [9])
    assert absent(SEATS, [*marks, (8, 0), (8, 1), (8, 2)], SEATS) == {9}
    assert absent(SEATS, [*marks, *((8, by) for by in (1, 2, 3, 5)), *((7, by) for by in (5, 6, 9))], SEATS) == {9}


def test_who_was_never_there_is_absent_without_a_mark():
    assert absent(SEATS, everybody_marks([0, 1, 2, 3, 4], [9]), [0, 1, 2, 3, 4, 9]) == {5, 6, 7, 8, 9}


@pytest.fixture
def unseen(ten) -> Match:
    """A match that nobody has opened yet."""
    return match_create(proposal=proposal_of(ten), now=NOON)


def there(match, *users) -> None:
    for user in users:
        match_seen(match_id=match.match_id, user_id=user.user_id, now=later(5))


def punished() -> set[str]:
    return set(Penalty.objects.values_list("user_id", flat=True))


def ids(users) -> set[str]:
    return {user.user_id for user in users}


def waiting() -> set[str]:
    return set(Entry.objects.values_list("user_id", flat=True))


@pytest.mark.parametrize("opened", [True, False])
def test_five_absent_are_punished_alike_and_five_are_back(unseen, ten, opened):
    there(unseen, *(ten if opened else ten[:5]))
    open_lobby(unseen)
    for by in ten[:5]:
        for missing in ten[5:]:
            if Match.objects.get().closed_at is None:
                match_mark_missing(
                    match_id=unseen.pk, user_id=by.user_id, missing_user_id=missing.user_id, now=later(60)
                )
    assert punished() == ids(ten[5:])
    assert waiting() == ids(ten[:5])
    assert [notice_of(user)["at_fault"] for user in ten] == [False] * 5 + [True] * 5


def test_who_was_never_there_does_not_go_to_the_front_either_when_no_lobby_is_made(unseen, ten):
    there(unseen, *ten[:4])
    matches_advance(now=later(150))
    matches_advance(now=later(300))
    assert punished() == ids([ten[0], ten[1], *ten[4:]])
    assert waiting() == ids(ten[2:4])


def test_where_nothing_is_known_of_anybody_the_hosts_alone_are_punished(unseen, ten):
    matches_advance(now=later(150))
    matches_advance(now=later(300))
    assert punished() == ids(ten[:2])


def test_whom_staff_have_fetched_as_a_replacement_is_there(unseen, ten, make_user):
    there(unseen, *ten)
    fetched = make_user("Fetched")
    match_replace_player(match_id=unseen.pk, user_id=ten[9].pk, replacement_user_id=fetched.pk, now=later(10))
    open_lobby(unseen)
    for by in ten[:5]:
        match_mark_missing(match_id=unseen.pk, user_id=by.pk, missing_user_id=ten[8].pk, now=later(60))
    assert punished() == {ten[8].pk}
    assert fetched.pk in waiting()


class TestALonelyPlayer:
    def report(self, match, user, now, result="invalid"):
        match_report(match_id=match.pk, user_id=user.user_id, result=result, now=later(now))

    def test_ends_it_after_the_time_to_enter(self, unseen, ten):
        open_lobby(unseen)  # which the host does
        matches_advance(now=later(250))
        self.report(unseen, ten[0], 251)
        assert Match.objects.get().result == "invalid"
        assert punished() == ids(ten[1:])
        assert waiting() == ids(ten[:1])
        assert notice_of(ten[0])["why"] == "absent"

    def test_who_has_said_so_before_is_heard_then(self, unseen, ten):
        open_lobby(unseen)
        self.report(unseen, ten[0], 100)
        assert Match.objects.get().closed_at is None
        matches_advance(now=later(249))
        assert Match.objects.get().closed_at is None
        matches_advance(now=later(250))
        assert Match.objects.get().result == "invalid"
        assert punished() == ids(ten[1:])

    def test_two_do_it_together(self, unseen, ten):
        there(unseen, ten[6])
        open_lobby(unseen)
        matches_advance(now=later(250))
        self.report(unseen, ten[0], 251)
        assert Match.objects.get().closed_at is None
        self.report(unseen, ten[6], 252)
        assert punished() == ids(set(ten) - {ten[0], ten[6]})

    def test_not_while_another_has_been_there(self, unseen, ten):
        there(unseen, ten[6])
        open_lobby(unseen)
        matches_advance(now=later(250))
        self.report(unseen, ten[0], 251)
        assert Match.objects.get().closed_at is None
        assert not punished()

    def test_not_by_naming_a_winner(self, unseen, ten):
        open_lobby(unseen)
        matches_advance(now=later(250))
        self.report(unseen, ten[0], 251, "A-win")
        assert Match.objects.get().closed_at is None


class TestWhoWasThere:
    def seen(self) -> set[str]:
        return set(MatchEvent.objects.filter(kind="seen").values_list("user_id", flat=True))

    def test_by_a_socket(self, unseen, ten):
        worker = Worker.objects.create(worker_id="w", expires_at=NOON)
        Presence.objects.create(worker=worker, owner=ten[3].user_id)
        matches_advance(now=later(1))
        Presence.objects.all().delete()
        matches_advance(now=later(2))
        assert self.seen() == {ten[3].user_id}

    @pytest.mark.parametrize("path", ["/api/matches/current", "/api/matches/{}"])
    def test_by_reading_the_match(self, unseen, ten, api, path, make_user):
        for user in (ten[3], ten[3], make_user("staff", is_staff=True)):
            assert api(user).get(path.format(unseen.pk)).status_code == 200
        api().get(f"/api/matches/{unseen.pk}")
        assert self.seen() == {ten[3].user_id}
        assert MatchEvent.objects.filter(kind="seen").count() == 1

    def test_a_match_that_is_done_keeps_no_more(self, unseen, ten):
        Seat.objects.update(is_open=False)
        Match.objects.update(status="done", phase="done", result="invalid", closed_at=NOON)
        there(unseen, ten[0])
        assert self.seen() == set()
