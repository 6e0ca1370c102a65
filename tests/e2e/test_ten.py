"""Ten players at ten browsers, in two languages, play a whole match by the page alone."""

import json

import pytest
from playwright.sync_api import expect

from matches.models import Match, Seat
from matches.services.advancing import match_start_playing
from tests.e2e.conftest import Visitor, match_now
from users.models import OwnedBadge, User
from users.roles import ROLES

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

NAMES = ["Aoi", "Ren", "Mio", "Sora", "Yui", "Ann", "Ben", "Cem", "Dag", "Eva"]
WORDS = {
    "ja": {
        "found": "マッチングが成立しました",
        "field": "ロビーID",
        "set": "全員に知らせる",
        "report": "結果を報告する",
        "win": "勝利",
        "loss": "敗北",
        "send": "結果を送る",
        "thanks": "結果の報告を受け付けました",
        "misconduct": "プレイヤーを通報",
        "again": "もう一度マッチング",
        "online": "オンライン 10/10人",
    },
    "en": {
        "found": "Match found",
        "field": "Lobby ID",
        "set": "Tell everybody",
        "report": "Report the result",
        "win": "Win",
        "loss": "Loss",
        "send": "Send the result",
        "thanks": "Your result is in",
        "misconduct": "Report a player",
        "again": "Queue again",
        "online": "10 of 10 online",
    },
}


def press(player: Visitor, word: str) -> None:
    player.page.get_by_role("button", name=WORDS[player.language][word], exact=True).click()


def test_ten_play_a_match(visitor):
    players = {name: visitor(name, locale="ja-JP" if index < 5 else "en-GB") for index, name in enumerate(NAMES)}
    OwnedBadge.objects.create(user=User.objects.get(trainer_name="Aoi"), badge_id="good-host", place=1)
    for index, player in enumerate(players.values()):
        player.join(ROLES[index % 5], ROLES[(index + 1) % 5])
    expect(players["Aoi"].page.locator("#total-waiting")).to_have_text("10")
    for each, name in ((players["Aoi"], "ten-queue"), (players["Eva"], "ten-queue-english")):
        each.shoot(name)

    match = match_now()
    for player in players.values():
        expect(player.page.locator(".eyebrow")).to_have_text(WORDS[player.language]["found"])
        expect(player.page.locator(".plate")).to_have_count(10)
    seats = {seat.user.trainer_name: seat for seat in Seat.objects.select_related("user")}
    host = players[User.objects.get(pk=match.host_id).trainer_name]
    guest = next(player for player in players.values() if player is not host and player.language != host.language)
    expect(guest.page.locator(".countdown")).to_contain_text(WORDS[guest.language]["online"])
    host.shoot("ten-lobby-host")
    guest.shoot("ten-lobby-guest")

    host.page.get_by_label(WORDS[host.language]["field"]).fill("ID: ３１４１ ５９２６")
    press(host, "set")
    for player in players.values():
        expect(player.page.locator(".lobby-id output")).to_have_text("31415926")
    guest.shoot("ten-joining")
    match.refresh_from_db()
    match_start_playing(match_id=match.match_id, now=match.deadline)
    expect(guest.page.locator(".countdown")).to_be_hidden()
    guest.shoot("ten-playing")

    # Everybody who may still report does so; what is decided needs no more reports.
    for count, (name, player) in enumerate(players.items(), start=1):
        words = WORDS[player.language]
        press(player, "report")
        player.page.get_by_label(words["win" if seats[name].team == "A" else "loss"], exact=True).check()
        if player is guest:
            player.page.get_by_text(words["misconduct"]).click()
            player.page.locator(".violations label").first.click()
            player.shoot("ten-report", full_page=False)
        press(player, "send")
        expect(player.page.locator("dialog")).to_be_hidden()
        if count == 2:
            expect(player.page.get_by_text(words["thanks"])).to_be_visible()
            player.shoot("ten-reported")
        if count == 6:
            break
    for name, player in players.items():
        words = WORDS[player.language]
        expect(player.page.locator(".result .display")).to_have_text(
            words["win" if seats[name].team == "A" else "loss"]
        )
        account = User.objects.get(trainer_name=name)
        expect(player.page.locator(".result .rating")).to_contain_text(f"{account.rate:,}")
        expect(player.page.locator(".record")).to_have_count(1)
    assert Match.objects.get().result == "A-win"
    players["Aoi"].shoot("ten-result")
    players["Eva"].shoot("ten-result-english")

    # And again; all that without polling, over one socket on which each client spoke once.
    press(players["Aoi"], "again")
    expect(players["Aoi"].page.locator(".last-match")).to_be_visible()
    streams = ("GET /api/queue", "GET /api/users/me ", "GET /api/matches")
    for player in players.values():
        assert [json.loads(frame)["action"] for frame in player.sent] == ["authenticate"]
        assert [path for path in player.requests if f"{path} ".startswith(streams)] == []
