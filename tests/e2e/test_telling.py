"""The page tells what happened: in view on a phone, in the reader's language, until it was seen."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from matches.models import Match
from matches.services import match_replace_player
from users.models import User
from users.services import penalty_give

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 700}
ENGLISH = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+")


def test_a_refusal_is_in_view_however_far_down_the_page_is(visitor, fill_match):
    aoi = visitor("Aoi", viewport=PHONE)
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(9)
    expect(aoi.page.locator(".plate")).to_have_count(10)
    Match.objects.update(host=User.objects.get(trainer_name="Aoi"))
    hand = aoi.page.get_by_role("button", name="交代する")
    aoi.page.get_by_text("ホストを交代する").click()
    expect(hand).to_be_visible()
    # Whom the page names is no player of the match any more when the server is asked.
    aoi.page.route("**/api/matches/*/host", lambda route: route.continue_(post_data='{"user_id": "nobodywiththisid"}'))
    aoi.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    aoi.page.evaluate("document.querySelector('.match details:last-of-type button').click()")
    message = aoi.page.locator("#toast [role=alert]")
    expect(message).to_be_in_viewport(ratio=1)
    assert not ENGLISH.search(message.inner_text())


def test_a_penalty_is_told_with_its_reason_shuts_the_button_and_is_seen_once(visitor):
    aoi = visitor("Aoi", viewport=PHONE)
    aoi.choose("MIDDLE", "TOP_LANE")
    start = aoi.page.get_by_role("button", name="マッチング開始")
    expect(start).to_be_enabled()
    aoi.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    user = User.objects.get()
    penalty_give(user=user, points=1, reason="試合中の暴言", until=timezone.now() + timedelta(hours=1))
    notice = aoi.page.locator(".notice")
    expect(notice).to_contain_text("ペナルティが1点付きました。 理由：試合中の暴言。")
    expect(notice).to_be_in_viewport(ratio=1)
    expect(start).to_be_disabled()
    expect(aoi.page.locator(".start-why")).to_contain_text("理由：試合中の暴言。")
    aoi.shoot("notice-penalty")
    notice.get_by_role("button", name="閉じる").click()
    aoi.page.reload()
    expect(start).to_be_disabled()
    expect(notice).to_be_hidden()


def test_who_loses_the_seat_is_told_and_may_queue_again(visitor, player, fill_match):
    aoi = visitor("Aoi", viewport=PHONE)
    aoi.join("MIDDLE", "TOP_LANE")
    match_id, _ = fill_match(9)
    aoi.page.get_by_role("button", name="無効を申請").click()
    expect(aoi.page.get_by_role("dialog")).to_be_visible()
    user = User.objects.get(trainer_name="Aoi")
    match_replace_player(match_id=match_id, user_id=user.pk, replacement_user_id=player("Mio").user_id)
    expect(aoi.page.get_by_role("dialog")).to_have_count(0)
    expect(aoi.page.locator(".notice")).to_contain_text("あなたの席をほかの参加者に替えました")
    expect(aoi.page.get_by_role("button", name="マッチング開始")).to_be_enabled()
    expect(aoi.page.locator("#play .match")).to_have_count(0)
