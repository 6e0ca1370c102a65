"""Lists in pages: who follows `next` sees each entry once, whatever comes and goes meanwhile."""

import itertools
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.utils import timezone

from matches.models import Season, SeasonRank
from tests import scenes
from users.models import Badge, User

pytestmark = pytest.mark.django_db
RANKING = "/api/users/ranking"


def walk(client, path, between=lambda pages: None, link="next"):
    """Follow a link from page to page; `between` is called after each with those so far."""
    pages = []
    while path is not None:
        answer = client.get(path)
        assert answer.status_code == 200
        pages.append(answer.json())
        between(pages)
        path = pages[-1][link]
    return pages


def names(pages) -> list[str]:
    return [entry["trainer_name"] for page in pages for entry in page["results"]]


@pytest.fixture
def five(make_user):
    """Five players of the leaderboard, three of whom have the same rating."""
    return [
        make_user(name, rate=rate, match_count=1)
        for name, rate in (("a", 1700), ("b", 1600), ("c", 1600), ("d", 1600), ("e", 1500))
    ]


def test_who_keeps_their_rating_is_shown_once_while_others_come_and_go(api, five, make_user):
    everybody = names([api().get(RANKING).json()])

    def change(pages) -> None:
        number = len(pages)
        make_user(f"new-{number}", rate=1900, match_count=1)  # before what has been read: by number, one is repeated
        if number == 2:
            User.objects.filter(trainer_name="a").update(banned_at=timezone.now())  # by number, one is skipped
            User.objects.filter(trainer_name__startswith="new").delete()
            make_user("last", rate=1400, match_count=1)

    seen = names(walk(api(), f"{RANKING}?page_size=1", change))
    assert seen == [*everybody, "last"]
    assert seen[:1] + seen[4:] == ["a", "e", "last"]


def test_ranks_go_on_from_page_to_page(api, five):
    pages = walk(api(), f"{RANKING}?page_size=2")
    assert [[entry["rank"] for entry in page["results"]] for page in pages] == [[1, 2], [2, 2], [5]]
    assert {page["count"] for page in pages} == {5}


def test_the_callers_place_is_on_every_page(api, five):
    ann = five[4]
    assert [page["me"]["rank"] for page in walk(api(ann), f"{RANKING}?page_size=2")] == [5, 5, 5]


def test_back_is_the_way_that_was_come(api, five):
    pages = walk(api(), f"{RANKING}?page_size=2")
    assert [page["previous"] is None for page in pages] == [True, False, False]
    back = walk(api(), pages[-1]["previous"], link="previous")
    assert [page["results"] for page in back] == [pages[1]["results"], pages[0]["results"]]
    assert back[-1]["previous"] is None
    assert [page["results"] for page in walk(api(), back[0]["next"])] == [pages[2]["results"]]


def test_a_client_that_counts_pages_goes_on_working_and_may_follow_from_there(api, five):
    by_number = [api().get(f"{RANKING}?page_size=2&page={number}").json() for number in (1, 2, 3)]
    assert by_number[1]["results"] == walk(api(), f"{RANKING}?page_size=2")[1]["results"]
    assert [page["next"] is None for page in by_number] == [False, False, True]
    assert [page["previous"] is None for page in by_number] == [True, False, False]
    query = parse_qs(urlsplit(by_number[0]["next"]).query)
    assert (query.keys(), query["page_size"]) == ({"page_size", "cursor"}, ["2"])
    assert api().get(by_number[0]["next"]).json()["results"] == by_number[1]["results"]
    assert api().get(by_number[2]["previous"]).json()["results"] == by_number[1]["results"]


@pytest.fixture
def lists(api, make_user):
    """The lists that everybody may read, with three entries or more each: client and path."""
    now = timezone.now()
    for number in range(3):
        # At the same time, in the same place: another column must tell them apart.
        season = Season.objects.create(name=f"season {number}", starts_at=now - timedelta(days=2), ends_at=now)
        Badge.objects.create(badge_id=f"zz-{number}", name="Badge", position=7)
    for number in range(3):
        user = make_user(f"player-{number}", match_count=1)
        SeasonRank.objects.create(season=season, user=user, rank=1, rate=1, match_count=1, win_count=0)
    return {
        "ranking": (api(), RANKING),
        "badges": (api(), "/api/badges"),
        "seasons": (api(), "/api/seasons"),
        "ranks": (api(), f"/api/seasons/{season.pk}/ranks"),
    }


@pytest.mark.parametrize("name", ["ranking", "badges", "seasons", "ranks"])
def test_every_list_comes_whole_in_pages_of_one(lists, name):
    client, path = lists[name]
    whole = walk(client, f"{path}?page_size=100")
    assert len(whole) == 1
    assert len(whole[0]["results"]) == whole[0]["count"] >= 3
    pages = walk(client, f"{path}?page_size=1")
    assert [entry for page in pages for entry in page["results"]] == whole[0]["results"]


@pytest.mark.parametrize("who", ["me", "another"])
def test_records_come_whole_though_matches_are_added(api, who):
    ten = scenes.players(10, "Player")
    caller = api(ten[0])
    path = "/api/users/me/records" if who == "me" else f"/api/users/{ten[0].pk}/records"

    def play(pages=()) -> None:
        if len(pages) < 3:  # the later of two is the later by its time as well
            now = scenes.at(3600 * next(hours))
            scenes.report_all(scenes.make_match(ten, now), count=6, now=now)

    hours = itertools.count(1)
    for _ in range(3):
        play()
    before = caller.get(path).json()["results"]
    seen = walk(caller, f"{path}?page_size=1", play)
    assert [entry for page in seen for entry in page["results"]] == before


@pytest.mark.parametrize("cursor", ["", "x", "\0", "9" * 400, signing.Signer().sign_object([False, 1500, "x"]), "é"])
def test_what_is_no_cursor_is_a_404(api, five, cursor):
    answer = api().get(RANKING, {"cursor": cursor})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_a_cursor_is_good_for_its_own_list_alone(lists):
    (client, path), (_, other) = lists["ranking"], lists["badges"]
    following = client.get(f"{path}?page_size=1").json()["next"]
    assert client.get(f"{other}?{urlsplit(following).query}").status_code == 404


def test_a_cursor_whose_entry_is_gone_leads_on(api, five):
    first = api().get(f"{RANKING}?page_size=2").json()
    User.objects.filter(pk=first["results"][-1]["user_id"]).update(banned_at=timezone.now())
    rest = names(walk(api(), first["next"]))
    assert sorted(names([first]) + rest) == ["a", "b", "c", "d", "e"]
