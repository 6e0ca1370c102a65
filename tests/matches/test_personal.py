"""What matches keep of a player: handed out to that player, and forgotten when the account goes."""

import pytest

from matches.models import Match, Season, SeasonRank
from matches.services import match_close, match_mark_missing, match_report, match_set_lobby, users_merge
from queue_app.models import Entry
from queue_app.services import entry_create
from realtime.publishing.publisher import snapshot
from tests.oracle import stream_of
from tests.scenes import NOW, at, make_match, open_lobby, players, report_all
from users.errors import Conflict
from users.models import DELETED, Penalty, User
from users.services import account_delete, penalty_give, user_from_claims
from users.tokens import Claims

pytestmark = pytest.mark.django_db


def export(api, user) -> dict:
    answer = api(user).get("/api/users/me/export")
    assert answer.status_code == 200
    return answer.json()


def finished(count: int = 6) -> Match:
    match = make_match()
    report_all(match, count=count)
    match.refresh_from_db()
    return match


# --- handed out -----------------------------------------------------------------------------------


def test_a_finished_match_with_ones_report_and_ratings(api):
    match = make_match()
    ann, bob = match.seats.all()[0], match.seats.all()[1]
    match_set_lobby(match_id=match.pk, user_id=match.host_id, lobby_id="12345678", now=at(90))
    match_mark_missing(match_id=match.pk, user_id=ann.user_id, missing_user_id=bob.user_id, now=at(91))
    match_report(match_id=match.pk, user_id=ann.user_id, result="A-win", violations=[bob.user_id], now=at(500))
    report_all(match, count=6)
    document = export(api, ann.user)
    (seat,) = document["matches"]
    ann.refresh_from_db()
    assert (seat["match_id"], seat["team"], seat["role"], seat["result"]) == (match.pk, ann.team, ann.role, "A-win")
    assert (seat["rate_before"], seat["rate_after"]) == (ann.rate_before, ann.rate_after)
    assert seat["report"] == {
        "result": "A-win", "reason": "", "violations": [bob.user_id], "reported_at": "2026-11-24T12:08:20Z",
    }  # fmt: skip
    assert seat["said_missing"] == [bob.user_id]
    assert seat["players"] == {each.user_id: each.team for each in match.seats.all()}
    (line,) = document["rating_journal"]
    assert (line["match_id"], line["rate_after"]) == (match.pk, ann.rate_after)


def test_of_others_there_are_ids_and_not_what_they_have_reported(api):
    match = make_match()
    ann, bob = match.seats.all()[0], match.seats.all()[1]
    open_lobby(match)
    match_report(match_id=match.pk, user_id=bob.user_id, result="B-win", violations=[ann.user_id], now=at(500))
    text = str(export(api, ann.user))
    others = User.objects.exclude(pk=ann.user_id)
    assert [other.trainer_name for other in others if other.trainer_name in text] == []
    assert "B-win" not in text


def test_an_open_match_the_queue_and_ranks(api, ann):
    player = make_match().seats.first().user
    (seat,) = export(api, player)["matches"]
    assert (seat["result"], seat["report"], seat["closed_at"]) == ("", None, None)
    entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"], now=NOW)
    season = Season.objects.create(name="one", starts_at=NOW, ends_at=at(1), state="closed")
    SeasonRank.objects.create(
        season=season, user=ann, rank=3, rate=1500, match_count=1, win_count=1, trainer_name="Ann"
    )
    document = export(api, ann)
    assert document["queue"] == {"selected_roles": ["TANK", "SUPPORT"], "queued_at": "2026-11-24T12:00:00Z"}
    assert [(rank["season"], rank["rank"]) for rank in document["season_ranks"]] == [("one", 3)]


def test_many_matches_cost_no_more_queries(api, django_assert_max_num_queries):
    ann, *others = players()
    for number in range(3):
        match = make_match([ann, *others], now=at(60))
        report_all(match, count=6, now=at(600 + number))
    with django_assert_max_num_queries(13):
        assert len(export(api, ann)["matches"]) == 3


# --- forgotten ------------------------------------------------------------------------------------


def test_the_name_goes_from_finished_matches_ranks_and_their_streams(api):
    match = finished()
    ann = match.seats.first().user
    season = Season.objects.create(name="one", starts_at=NOW, ends_at=at(1), state="closed")
    SeasonRank.objects.create(
        season=season, user=ann, rank=3, rate=1500, match_count=1, win_count=1, trainer_name=ann.trainer_name
    )
    assert snapshot(stream_of(match)).document["players"][ann.pk]["trainer_name"] == ann.trainer_name
    name, others = ann.trainer_name, list(match.seats.exclude(user=ann).values())
    account_delete(user=ann, now=at(4000))
    shown = snapshot(stream_of(match)).document
    assert shown["players"][ann.pk]["trainer_name"] == DELETED
    ranks = api().get(f"/api/seasons/{season.pk}/ranks")
    assert ranks.json()["results"][0]["trainer_name"] == DELETED
    for answer in (api().get(f"/api/matches/{match.pk}"), ranks, api().get("/api/users/ranking?page_size=100")):
        assert name not in answer.content.decode()
    assert ann.pk not in api().get("/api/users/ranking?page_size=100").content.decode()
    assert list(match.seats.exclude(user=ann).values()) == others


def test_who_waits_leaves_the_queue(ann):
    entry_create(user_id=ann.pk, selected_roles=["TANK", "SUPPORT"], now=NOW)
    account_delete(user=ann, now=at(1))
    assert not Entry.objects.exists()


@pytest.mark.parametrize(("reported", "code"), [(False, "in_match"), (True, "match_open")])
def test_nobody_goes_from_an_open_match(api, reported, code):
    match = make_match()
    ann = match.seats.first().user
    if reported:
        open_lobby(match)
        match_report(match_id=match.pk, user_id=ann.pk, result="A-win", now=at(600))
    answer = api(ann).delete("/api/users/me", {"trainer_name": ann.trainer_name})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, code)
    ann.refresh_from_db()
    assert ann.deleted_at is None


def test_nobody_goes_while_a_match_can_still_bring_them_a_point():
    """Else the point would be the deleted account's, and the person would queue with the next one."""
    match = make_match()
    named, *mates = (seat.user for seat in match.seats.filter(team="A"))
    claims = Claims(subject=named.subject, expires_at=0, issued_at=at(1300).timestamp())
    match_close(match_id=match.pk, result="A-win", now=at(600))
    with pytest.raises(Conflict) as refusal:
        account_delete(user=named, now=at(600 + 599))
    assert (refusal.value.get_codes(), refusal.value.until) == ("match_open", at(1200))
    for mate in mates:
        match_report(match_id=match.pk, user_id=mate.pk, result="A-win", violations=[named.pk], now=at(1199))
    account_delete(user=named, now=at(1200))
    again = user_from_claims(claims=claims)
    assert again.pk != named.pk
    assert Penalty.objects.get().user == again


@pytest.mark.parametrize("keep", [True, False])
def test_a_deleted_account_is_not_merged(ann, keep):
    bob = players(1, "Bob")[0]
    account_delete(user=bob if keep else ann, now=NOW)
    with pytest.raises(Conflict) as refusal:
        users_merge(keep_user_id=ann.pk, duplicate_user_id=bob.pk)
    assert refusal.value.get_codes() == "deleted"


def test_staff_neither_fill_a_deleted_account_nor_lose_the_way_to_its_ban(client, ann):
    from tests.staff.acting import act, page_of  # noqa: PLC0415

    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="root"))
    penalty = penalty_give(user=ann, points=1, reason="x", now=NOW)
    act(client, "ban", ann, reason="insults")
    act(client, "delete_account", ann)
    page = page_of(User, "change", ann.pk)
    assert client.post(page, {"bio": "x", "audit_reason": "x"}).status_code == 403
    assert client.get(page).status_code == 200
    act(client, "unban", ann)
    act(client, "lift", penalty)
    ann.refresh_from_db()
    penalty.refresh_from_db()
    assert (ann.banned_at, penalty.lifted_at is None) == (None, False)
