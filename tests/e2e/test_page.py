"""The page under less usual conditions: hostile names, trouble with the link, other languages, small screens."""

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, expect

from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\u202eabc' onmouseover='x",
    "{{ 7*7 }}",
    "W" * 50,
]


def test_names_are_text_whatever_they_hold(visitor, fill_match):
    aoi = visitor("Aoi")
    dialogs: list[Dialog] = []
    aoi.page.on("dialog", lambda dialog: dialogs.append(dialog))
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(9, HOSTILE + [f"Bot {number}" for number in range(4)])
    expect(aoi.page.locator(".plate")).to_have_count(10)
    shown = aoi.page.locator(".plate-name").all_text_contents()
    assert {HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[4]} <= set(shown)
    assert aoi.page.locator(".teams img, .teams script").count() == 0
    assert dialogs == []
    aoi.shoot("match-hostile-names")


def test_without_a_socket_the_page_reads_instead_and_says_so(visitor, player):
    aoi = visitor()
    aoi.page.route_web_socket("**/ws/", lambda socket: socket.close(code=1011))
    aoi.page.goto(f"{aoi.url}/?dev=Aoi")
    expect(aoi.page.locator("#status")).to_have_text("定期更新")
    expect(aoi.page.locator("#banner")).to_contain_text("数秒ごとに更新しています", timeout=8000)
    player("Mio").join("MIDDLE", "TANK")
    expect(aoi.page.locator("#total-waiting")).to_have_text("1", timeout=8000)
    aoi.shoot("polling")


def test_one_who_is_shut_out_is_told(visitor):
    aoi = visitor("Aoi")
    User.objects.filter(trainer_name="Aoi").update(banned_at=timezone.now())
    expect(aoi.page.locator("#status")).to_have_text("オフライン")
    expect(aoi.page.locator("#banner")).to_contain_text("このアカウントは現在利用できません")


def test_the_profile_is_edited_and_shown(visitor):
    aoi = visitor("Aoi", viewport={"width": 390, "height": 844})
    aoi.page.get_by_role("link", name="マイページ").click()
    aoi.page.get_by_text("プロフィールを編集").click()
    aoi.page.get_by_label("トレーナー名").fill("あおい")
    aoi.page.get_by_label("自己紹介").fill("よろしくお願いします。")
    aoi.page.locator("#side").get_by_role("button", name="タンク").click()
    aoi.page.get_by_role("button", name="保存").click()
    expect(aoi.page.get_by_text("保存しました。")).to_be_visible()
    expect(aoi.page.locator("#side h2")).to_have_text("あおい")
    aoi.shoot("profile")
    aoi.page.get_by_role("link", name="ランキング").click()
    expect(aoi.page.get_by_text("まだ誰も対戦していません。")).to_be_visible()
    aoi.shoot("ranking-empty")


def test_english_for_those_who_read_it(visitor):
    aoi = visitor(locale="en-GB")
    aoi.page.goto(f"{aoi.url}/?dev=Aoi")
    expect(aoi.page.get_by_role("button", name="Start matching")).to_be_visible()
    aoi.shoot("queue-english")
    aoi.page.get_by_role("button", name="日本語").click()
    expect(aoi.page.get_by_role("button", name="マッチング開始")).to_be_visible()


def test_the_api_is_there_to_be_read(visitor):
    reader = visitor()
    reader.page.goto(f"{reader.url}/api/docs/")
    join = reader.page.locator("details", has=reader.page.get_by_text("/api/queue/join"))
    join.locator("summary").click()
    expect(join).to_contain_text('"selected_roles"')
    reader.shoot("api")


def test_a_small_dark_screen_holds_it_all(visitor, fill_match):
    aoi = visitor("Aoi", viewport={"width": 320, "height": 640}, color_scheme="dark")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert aoi.page.evaluate(fits)
    aoi.join("MIDDLE", "TOP_LANE")
    assert aoi.page.evaluate(fits)
    fill_match(9)
    expect(aoi.page.locator(".eyebrow", has_text="マッチングが成立しました")).to_be_visible()
    assert aoi.page.evaluate(fits)
    aoi.shoot("match-dark")
