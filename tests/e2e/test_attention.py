"""A match that is found makes itself heard and seen, wherever the player looks."""

import re

import pytest
from playwright.sync_api import expect

from tests.waiting import wait_until

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

RECORD = """
  window.heard = 0;
  window.noticed = [];
  window.AudioContext = class extends AudioContext {};
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) { window.heard += 1; return start.apply(this, args); };
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) { window.noticed.push([title, options.tag, options.body]); }
    close() {}
  };
  // As in a tab that nobody looks at.
  document.hasFocus = () => false;
"""


def test_a_found_match_sounds_once_is_noticed_and_counts_down_in_the_title(visitor, fill_match):
    aoi = visitor()
    aoi.page.add_init_script(RECORD)
    aoi.sign_in("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    expect(aoi.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile(r"icon\.svg$"))
    aoi.page.get_by_role("link", name="ルール").click()
    expect(aoi.page).to_have_title(re.compile(r"^0:\d\d 対戦相手を探しています – ルール – Unitemate$"))
    match_id, _ = fill_match(9)
    expect(aoi.page).to_have_title(re.compile(r"^● 2:\d\d マッチングが成立しました – Unitemate$"))
    expect(aoi.page.locator("#play .match")).to_be_visible()
    expect(aoi.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile(r"icon-found\.svg$"))
    wait_until(lambda: aoi.page.evaluate("window.heard > 0"))
    noticed = aoi.page.evaluate("window.noticed")
    assert [(title, tag) for title, tag, _ in noticed] == [("マッチングが成立しました", match_id)]
    assert "中央" in noticed[0][2] or "上レーン" in noticed[0][2]
    heard = aoi.page.evaluate("window.heard")
    aoi.page.reload()
    expect(aoi.page.locator("#play .match")).to_be_visible()
    aoi.page.wait_for_timeout(500)
    assert (heard, aoi.page.evaluate("window.heard")) == (9, 0)
    assert aoi.page.evaluate("window.noticed") == []


def test_the_sound_can_be_switched_off(visitor, fill_match):
    aoi = visitor()
    aoi.page.add_init_script(RECORD)
    aoi.sign_in("Aoi")
    box, hint = aoi.page.get_by_label("音で知らせる"), aoi.page.get_by_text("画面に一度触れると")
    expect(hint).to_be_visible()
    before = box.bounding_box()
    aoi.page.mouse.down()  # which lets the page sound, so that the hint goes: nothing may move under the pointer
    expect(hint).to_be_hidden()
    assert box.bounding_box() == before
    aoi.page.mouse.up()
    box.uncheck()
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(9)
    wait_until(lambda: aoi.page.evaluate("window.noticed.length === 1"))
    assert aoi.page.evaluate("window.heard") == 0
