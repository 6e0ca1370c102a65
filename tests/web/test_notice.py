"""What was done to the player is told, once, until it was seen."""

import re
from itertools import chain

import pytest
from playwright.sync_api import expect

from users.notices import CAUSES, WHY, NoticeCode
from web.words import catalogue

AT = "2026-07-01T03:00:00Z"
SHOW = """
  const { playerNotice } = await import("/parts/notice.js");
  window.part = playerNotice();
  document.getElementById("main").append(part.element);
  part.update({ me: { user_id: "u", notice: argument } });
"""
FIELDS = {
    "match_id": "m1", "requeued": False, "at_fault": False, "points": 2, "until": "2026-07-01T05:00:00Z",
    "reason": "absent", "season": "第2期", "rate": 1550,
}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_notice_has_its_sentence(language):
    words = catalogue(language)
    for code in NoticeCode:
        own = words["notice"][code]
        assert own.keys() == {"text", *WHY[code]} if code in WHY else own.keys() == {"text"}
    assert words["penalty"].keys() == set(CAUSES)


def test_each_is_told_in_the_reader_s_language_with_what_belongs_to_it(parts):
    here = parts(timezone_id="Asia/Tokyo")
    whys = chain(*([(code, why) for why in WHY.get(code, [None])] for code in NoticeCode))
    told = set()
    for code, why in whys:
        here.page.evaluate("document.getElementById('main').replaceChildren()")
        here.run(SHOW, {"code": code.value, "why": why, "at": AT, **FIELDS})
        text = here.page.locator(".notice p").inner_text()
        assert not re.search(r"[{}]|undefined|null|[a-z]{3}", text), text
        told.add(text)
    assert len(told) == len(NoticeCode) - len(WHY) + sum(map(len, WHY.values()))


def test_a_penalty_is_told_with_the_reason_that_staff_wrote(parts):
    here = parts(timezone_id="Asia/Tokyo")
    here.run(SHOW, {"code": "penalty", "at": AT, "points": 1, "until": FIELDS["until"], "reason": "暴言がありました"})
    expect(here.page.get_by_role("status").filter(has_text="ペナルティが1点付きました。")).to_contain_text(
        "理由：暴言がありました。 7月1日 14:00までマッチングを開始できません。"
    )


@pytest.mark.parametrize(
    ("requeued", "at_fault", "said"),
    [
        (True, False, "元の待ち順で待機に戻りました。"),
        (False, False, "もう一度マッチングを開始できます。"),
        (False, True, "あなたの行動が原因とみなされた"),
    ],
)
def test_a_void_match_is_told_with_what_becomes_of_the_player(parts, requeued, at_fault, said):
    here = parts()
    here.run(
        SHOW,
        {"code": "match_void", "at": AT, "match_id": "m", "why": "absent", "requeued": requeued, "at_fault": at_fault},
    )
    expect(here.page.locator(".notice")).to_contain_text("参加者がそろわなかったため")
    expect(here.page.locator(".notice")).to_contain_text(said)


def test_what_is_new_to_the_page_is_told_in_general_words(parts):
    here = parts()
    here.run(SHOW, {"code": "a_new_code", "at": AT, "why": "a_new_why"})
    expect(here.page.locator(".notice")).to_contain_text("状態が変わりました。")


def test_it_stays_until_it_was_seen_and_then_goes_for_good(parts):
    here = parts()
    first = {"code": "queue_removed", "at": AT, "why": "staff"}
    here.run(SHOW, first)
    notice = here.page.locator(".notice")
    here.page.reload()
    here.run(SHOW, first)  # not seen yet
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="閉じる").click()
    expect(notice).to_be_hidden()
    here.run("part.update({ me: { user_id: 'u', notice: argument } })", first)
    expect(notice).to_be_hidden()
    here.page.reload()
    here.run(SHOW, first)
    expect(notice).to_be_hidden()
    here.run("part.update({ me: { user_id: 'u', notice: argument } })", first | {"at": "2026-07-01T04:00:00Z"})
    expect(notice).to_be_visible()
    here.run("part.update({ me: { user_id: 'u', notice: null } })")
    expect(notice).to_be_hidden()


def test_who_is_barred_is_told_no_end(parts):
    here = parts()
    given = {"code": "penalty", "at": AT, "points": 5, "until": FIELDS["until"], "reason": "absent"}
    here.run(SHOW, given)
    here.run("part.update({ me: { user_id: 'u', notice: argument, penalty: { points: 6 } } })", given)
    notice = here.page.locator(".notice")
    expect(notice).to_contain_text("運営者が取り消すと開始できます。")
    expect(notice).not_to_contain_text("までマッチングを開始できません")


def test_who_waits_again_already_is_not_told_otherwise(parts):
    here = parts()
    void = {"code": "match_void", "at": AT, "match_id": "m", "why": "players", "requeued": False, "at_fault": False}
    here.run(SHOW, void)
    here.run("part.update({ me: { user_id: 'u', notice: argument, queue: { selected_roles: [] } } })", void)
    expect(here.page.locator(".notice p")).to_have_text("参加者の報告により、試合は無効になりました。")
