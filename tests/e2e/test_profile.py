"""The pages beside the game: one's own, others', the ranking, the rules."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from matches.models import Season
from matches.services import matchmaking_round
from tests.scenes import players, queue_up, report_all
from users.models import OwnedBadge, User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def veteran(player) -> User:
    """Aoi, who has played three matches with others, and owns badges."""
    player("Aoi")
    aoi = User.objects.get(trainer_name="Aoi")
    users = [aoi, *players(9, prefix="相手")]
    now = timezone.now() - timedelta(days=3)
    for day, result in enumerate(("A-win", "B-win", "A-win")):
        for user in users:
            user.refresh_from_db()
        start = now + timedelta(days=day)
        queue_up(users, now=start - timedelta(hours=1))
        (match,) = matchmaking_round(now=start)
        report_all(match, result, count=6, now=start + timedelta(minutes=20))
    for badge in ("first-match", "first-win", "good-host"):
        OwnedBadge.objects.get_or_create(user=aoi, badge_id=badge)
    return aoi


def test_the_profile_is_edited_and_shown(visitor):
    aoi = visitor("Aoi", viewport=PHONE)
    aoi.page.get_by_role("link", name="マイページ").click()
    aoi.page.get_by_text("プロフィールを編集").click()
    aoi.page.get_by_label("トレーナー名").fill("あおい")
    aoi.page.get_by_label("自己紹介").fill("よろしくお願いします。")
    aoi.page.get_by_label("Twitter").fill("@aoi_unite")
    aoi.page.get_by_label("Discordの名前").fill("aoi#1")
    aoi.page.locator("#side").get_by_role("button", name="タンク").click()
    aoi.page.get_by_role("button", name="保存").click()
    expect(aoi.page.get_by_role("button", name="保存しました")).to_be_visible()
    expect(aoi.page.locator("#side h2")).to_have_text("あおい")
    aoi.shoot("profile-edited")
    account = User.objects.get()
    assert (account.bio, account.twitter_id, account.discord_username, account.preferred_roles) == (
        "よろしくお願いします。",
        "aoi_unite",
        "aoi#1",
        ["TANK"],
    )


def test_badges_are_worn_and_the_curve_shows_the_matches(visitor, veteran):
    aoi = visitor("Aoi", viewport=PHONE)
    aoi.page.get_by_role("link", name="マイページ").click()
    expect(aoi.page.locator(".curve")).to_have_attribute(
        "aria-label", f"3試合のレート：1,500から{rate(veteran)}、最低{lowest(veteran)}、最高{highest(veteran)}"
    )
    expect(aoi.page.locator("#side .record")).to_have_count(3)
    aoi.page.get_by_text("勲章").click()
    for name in ("はじめの一歩", "初勝利", "名ホスト"):
        aoi.page.get_by_role("button", name=name).click()
        expect(aoi.page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
    aoi.shoot("profile")
    worn = OwnedBadge.objects.filter(user=veteran).exclude(place=None).order_by("place")
    assert list(worn.values_list("badge_id", flat=True)) == ["first-win", "good-host"]


def test_the_ranking_leads_to_players_who_can_be_blocked(visitor, veteran):
    start = timezone.now() - timedelta(days=1)
    Season.objects.create(name="第1期", starts_at=start, ends_at=start + timedelta(days=90), state="open")
    aoi = visitor("Aoi")
    aoi.page.get_by_role("link", name="ランキング").click()
    expect(aoi.page.get_by_text("シーズン：第1期")).to_be_visible()
    expect(aoi.page.locator("table.ranking").last.locator(".rank")).to_have_count(10)
    expect(aoi.page.locator(".own-rank .rank")).to_contain_text("Aoi")
    aoi.shoot("ranking")
    aoi.page.get_by_role("link", name="相手 3").click()
    expect(aoi.page.locator("#side h2")).to_have_text("相手 3")
    expect(aoi.page.locator("#side .record")).to_have_count(3)
    aoi.page.get_by_role("button", name="このプレイヤーをブロック").click()
    expect(aoi.page.get_by_role("button", name="ブロック解除")).to_be_visible()
    aoi.shoot("player")
    other = User.objects.get(trainer_name="相手 3")
    veteran.refresh_from_db()
    assert veteran.blocked_user_ids == [other.user_id]

    aoi.page.get_by_role("link", name="マイページ").click()
    aoi.page.get_by_text("ブロックしたプレイヤー").first.click()
    expect(aoi.page.locator(".blocks")).to_contain_text("相手 3")
    aoi.page.get_by_role("button", name="ブロック解除").click()
    expect(aoi.page.get_by_text("ブロックしているプレイヤーはいません。")).to_be_visible()
    aoi.page.goto(f"{aoi.url}/#player/nobody")
    expect(aoi.page.get_by_text("このプレイヤーは見つかりません。")).to_be_visible()


def test_the_rules_are_there_before_one_signs_in(visitor):
    reader = visitor(locale="en-GB")
    reader.page.goto(reader.url)
    reader.page.get_by_role("link", name="Rules").click()
    expect(reader.page.get_by_text("within 2 min 30 s")).to_be_visible()
    reader.shoot("rules-english")
    reader.page.get_by_role("link", name="Unitemate").click()
    expect(reader.page.get_by_label("Trainer name")).to_be_visible()


def test_an_empty_ranking_says_so(visitor):
    aoi = visitor("Aoi")
    aoi.page.get_by_role("link", name="ランキング").click()
    expect(aoi.page.get_by_text("まだ誰も対戦していません。")).to_be_visible()
    aoi.shoot("ranking-empty")


def curve(user: User) -> list[int]:
    seats = list(user.seats.order_by("match__matched_at"))
    return [seats[0].rate_before, *(seat.rate_after for seat in seats)]


def rate(user: User) -> str:
    return f"{curve(user)[-1]:,}"


def lowest(user: User) -> str:
    return f"{min(curve(user)):,}"


def highest(user: User) -> str:
    return f"{max(curve(user)):,}"
