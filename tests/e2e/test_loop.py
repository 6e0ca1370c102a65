"""The whole loop at the page: sign in, wait, play, report, and wait again."""

import re

import pytest
from playwright.sync_api import expect

from matches.models import Match, Report
from queue_app.models import Entry

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def test_signing_in_by_name(visitor):
    aoi = visitor()
    aoi.page.goto(aoi.url)
    aoi.shoot("login")
    aoi.page.get_by_label("トレーナー名").fill("Aoi")
    aoi.page.get_by_role("button", name="名前でログイン").click()
    expect(aoi.page.locator("#side h2")).to_have_text("Aoi")
    expect(aoi.page.locator("#status")).to_have_text("接続中")

    aoi.page.reload()
    expect(aoi.page.locator("#side h2")).to_have_text("Aoi")

    aoi.page.get_by_role("link", name="マイページ").first.click()
    aoi.page.get_by_role("button", name="ログアウト").click()
    expect(aoi.page.get_by_label("トレーナー名")).to_be_visible()


def test_without_a_login_the_page_says_so(visitor, settings):
    settings.UNITEMATE_DEV_LOGIN = False
    aoi = visitor()
    aoi.page.goto(f"{aoi.url}/?dev=Aoi")
    expect(aoi.page.get_by_text("ログインがまだ設定されていません")).to_be_visible()
    expect(aoi.page.get_by_label("トレーナー名")).to_be_hidden()


def test_waiting_is_seen_by_everybody_at_once(visitor, player):
    aoi, ren = visitor("Aoi"), visitor("Ren")
    expect(ren.page.locator("#total-waiting")).to_have_text("0")
    join = aoi.page.get_by_role("button", name="マッチング開始")
    aoi.choose("SUPPORT")
    expect(join).to_be_disabled()
    aoi.page.locator(".roles [data-role=TANK] button").click()
    aoi.shoot("queue-choosing")
    join.click()
    expect(aoi.page.get_by_role("heading", name="対戦相手を探しています")).to_be_visible()
    expect(aoi.page.locator(".head .display")).to_have_text(re.compile(r"^0:0[2-9]$"))
    player("Mio").join("MIDDLE", "TANK")

    expect(ren.page.locator("#total-waiting")).to_have_text("2")
    expect(ren.page.locator(".roles [data-role=TANK] .count")).to_contain_text("2人")
    expect(ren.page.locator(".roles [data-role=SUPPORT] .count")).to_contain_text("1人")
    expect(ren.page.locator(".needed")).to_contain_text("上レーン")
    expect(aoi.page.locator(".roles [data-role=SUPPORT] .order")).to_have_text("1")
    aoi.shoot("queue-waiting")

    aoi.page.get_by_role("button", name="マッチング停止").click()
    expect(ren.page.locator("#total-waiting")).to_have_text("1")
    expect(join).to_be_enabled()


def test_roles_can_be_chosen_with_the_keyboard(visitor):
    aoi = visitor("Aoi")
    aoi.page.locator(".roles [data-role=MIDDLE] button").focus()
    for key in ("Space", "Tab", "Enter", "Tab", "Tab", "Tab", "ArrowRight", "Tab", "Enter"):
        aoi.page.keyboard.press(key)
    expect(aoi.page.get_by_role("heading", name="対戦相手を探しています")).to_be_visible()
    # Chosen one after the other, then the first was moved behind the second.
    assert aoi.page.locator(".chip").all_inner_texts() == ["下レーン", "中央"]
    assert Entry.objects.get().selected_roles == ["BOTTOM_LANE", "MIDDLE"]


def test_whoever_reported_may_wait_again_while_the_votes_come_in(visitor, fill_match):
    aoi = visitor("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    match_id, others = fill_match(9)
    aoi.page.get_by_role("button", name="無効を申請").click()
    aoi.page.get_by_label("その他").check()
    aoi.page.get_by_role("button", name="申請する").click()
    expect(aoi.page.get_by_text("あなたの報告：無効試合。 理由：その他。")).to_be_visible()
    aoi.page.get_by_role("button", name="もう一度マッチング").click()
    expect(aoi.page.get_by_text("あなたの前の試合：報告を待っています（1/10）")).to_be_visible()
    for other in others[:5]:
        other.report(match_id, "invalid")
    expect(aoi.page.get_by_text("あなたの前の試合：無効試合（レート ±0）")).to_be_visible()


def test_who_was_too_slow_to_report_may_still_report_a_player(visitor, fill_match):
    aoi = visitor("Aoi", viewport={"width": 390, "height": 844})
    aoi.join("MIDDLE", "TOP_LANE")
    match_id, others = fill_match(9)
    for other in others[:6]:
        other.report(match_id, "invalid")
    aoi.page.get_by_role("button", name="プレイヤーを通報").click()
    expect(aoi.page.get_by_label("無効試合")).to_be_hidden()
    aoi.page.get_by_label("Bot 0").check()
    aoi.shoot("report-late")
    aoi.page.get_by_role("button", name="通報する").click()
    expect(aoi.page.get_by_role("button", name="プレイヤーを通報")).to_be_hidden()
    assert Report.objects.get(seat__user__trainer_name="Aoi").violations == [others[0].user_id]


def test_an_absent_host_is_replaced_by_whoever_takes_over(visitor, fill_match):
    away, aoi = visitor("Away"), visitor("Aoi")
    away.join("TANK", "SUPPORT")
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(8)
    expect(aoi.page.locator(".eyebrow", has_text="マッチングが成立しました")).to_be_visible()
    take_over = aoi.page.get_by_role("button", name="ホストを引き継ぐ")
    expect(take_over).to_be_hidden()
    away.page.close()
    take_over.click()
    aoi.page.get_by_role("group").get_by_role("button", name="ホストを引き継ぐ").click()
    expect(aoi.page.get_by_label("ロビーID")).to_be_visible()


def test_a_reload_leads_back_to_the_match(visitor, fill_match):
    aoi = visitor("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(9)
    expect(aoi.page.locator(".eyebrow", has_text="マッチングが成立しました")).to_be_visible()
    aoi.page.reload()
    expect(aoi.page.locator(".eyebrow", has_text="マッチングが成立しました")).to_be_visible()
    expect(aoi.page.locator(".plate")).to_have_count(10)


def test_a_player_who_does_not_come_is_reported_and_the_others_wait_again(visitor, fill_match):
    aoi = visitor("Aoi", viewport={"width": 390, "height": 844})
    aoi.join("MIDDLE", "TOP_LANE")
    match_id, others = fill_match(9)
    Match.objects.update(host=others[1].user_id, lobby_id="31415926", phase="joining")
    away, *rest = others
    aoi.page.get_by_text("入室していない人がいるとき").click()
    line = aoi.page.locator(".missing li", has_text="Bot 0")
    line.get_by_role("button", name="未入室と報告").click()
    line.get_by_role("button", name="報告する").click()
    expect(line).to_contain_text("報告1件")
    expect(line).to_contain_text("未入室の報告を受け付けました")
    expect(line.get_by_role("button")).to_have_count(0)
    expect(aoi.page.locator(".plate", has_text="Bot 0")).to_contain_text("未入室の報告1件")
    aoi.shoot("match-missing")
    for each in rest[:4]:
        each.mark_missing(match_id, away.user_id)
    expect(aoi.page.get_by_role("heading", name="対戦相手を探しています")).to_be_visible()
    expect(aoi.page.get_by_text("あなたの前の試合：無効試合")).to_be_visible()
