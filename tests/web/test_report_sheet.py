"""The sheet for a player's report: it keeps its meaning while it is open, or closes with a word."""

import pytest
from playwright.sync_api import expect

OPEN = """
  const { reportSheet } = await import("/parts/report.js");
  const { ROLES } = await import("/roles.js");
  window.players = () => Object.fromEntries(ROLES.flatMap((role, index) => [
    [`a${index}`, { team: "A", role, trainer_name: `味方 ${index}` }],
    [`b${index}`, { team: "B", role, trainer_name: `相手 ${index}` }],
  ]));
  window.match = (phase, more = {}) =>
    ({ match_id: "m1", phase, status: phase === "done" ? "done" : "matched", players: players(), ...more });
  window.sheet = reportSheet();
  document.getElementById("main").append(sheet.element);
  sheet.update(match(argument), "a0", true);
  sheet.open();
"""
REPORT = "POST /matches/m1/report"


@pytest.fixture
def opened(parts):
    def make(phase: str):
        here = parts()
        here.run(OPEN, phase)
        here.answers[REPORT] = (200, {})
        return here

    return make


def sent(here):
    return [body for method, path, body in here.asked if (method, path) == ("POST", "/matches/m1/report")]


def test_before_there_is_a_lobby_it_offers_void_alone_and_asks_for_a_reason(opened):
    here = opened("lobby")
    sheet = here.page.get_by_role("dialog")
    expect(sheet.get_by_role("heading")).to_have_text("無効を申請")
    offered = [each.get_attribute("value") for each in sheet.get_by_role("radio").all() if each.is_visible()]
    assert offered == ["lobby_not_made", "players_missing", "cannot_enter", "other"]
    sheet.get_by_role("button", name="申請する").click()
    expect(sheet.get_by_role("alert")).to_have_text("理由を選んでください。")
    assert sent(here) == []
    sheet.get_by_label("参加者がそろわない").check()
    sheet.get_by_role("button", name="申請する").click()
    expect(sheet).to_be_hidden()
    assert sent(here) == [{"result": "invalid", "reason": "players_missing", "violations": []}]


@pytest.mark.parametrize(("outcome", "result"), [("勝利", "A-win"), ("敗北", "B-win")])
def test_from_joining_on_it_takes_a_winner(opened, outcome, result):
    here = opened("joining")
    sheet = here.page.get_by_role("dialog")
    sheet.get_by_label(outcome).check()
    expect(sheet.get_by_label("ロビーに入れない")).to_be_hidden()
    sheet.get_by_role("button", name="結果を送る").click()
    expect(sheet).to_be_hidden()
    assert sent(here) == [{"result": result, "violations": []}]


def test_a_void_match_has_a_reason_then_too_but_not_that_there_is_no_lobby(opened):
    here = opened("playing")
    sheet = here.page.get_by_role("dialog")
    sheet.get_by_label("無効試合").check()
    expect(sheet.get_by_label("ロビーが作られない")).to_be_hidden()
    sheet.get_by_role("button", name="結果を送る").click()
    expect(sheet.get_by_role("alert")).to_have_text("理由を選んでください。")
    sheet.get_by_label("その他").check()
    sheet.get_by_role("button", name="結果を送る").click()
    expect(sheet).to_be_hidden()
    assert sent(here) == [{"result": "invalid", "reason": "other", "violations": []}]


@pytest.mark.parametrize("phase", ["lobby", "joining", "playing"])
def test_when_the_match_ends_it_closes_with_a_word_and_names_nobody(opened, phase):
    here = opened(phase)
    here.run("sheet.update(match('done', { result: 'A-win' }), 'a0', true)")
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    expect(here.page.locator("#toast")).to_have_text("試合が終わったため、報告の画面を閉じました。")
    assert sent(here) == []
    here.run("sheet.open()")  # which is another sheet then, and says so
    expect(here.page.get_by_role("dialog").get_by_role("heading")).to_have_text("プレイヤーを通報")


def test_it_keeps_its_meaning_when_the_next_phase_begins(opened):
    here = opened("lobby")
    here.page.get_by_label("その他").check()
    here.run("sheet.update(match('joining'), 'a0', true)")
    expect(here.page.get_by_role("dialog").get_by_role("heading")).to_have_text("無効を申請")
    here.page.get_by_role("button", name="申請する").click()
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    assert sent(here) == [{"result": "invalid", "reason": "other", "violations": []}]


def test_when_another_window_has_reported_it_closes_with_a_word(opened):
    here = opened("playing")
    here.run("sheet.update(match('playing'), 'a0', false)")
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    expect(here.page.locator("#toast")).to_have_text("ほかの画面から報告済みのため、報告の画面を閉じました。")


def test_a_late_report_names_players_and_leaves_the_result(opened):
    here = opened("done")
    here.run("sheet.element.close(); sheet.update(match('done', { result: 'B-win' }), 'a0', true); sheet.open()")
    here.page.get_by_label("味方 1").check()
    here.page.get_by_role("button", name="通報する").click()
    expect(here.page.get_by_role("dialog")).to_have_count(0)
    assert sent(here) == [{"result": "B-win", "violations": ["a1"]}]


def test_a_refusal_is_said_in_the_sheet_and_where_it_is_over_beneath_it(opened):
    here = opened("playing")
    here.refuse(REPORT, 409, "already_reported", "You have reported another result.")
    here.page.get_by_label("勝利").check()
    here.page.get_by_role("button", name="結果を送る").click()
    expect(here.page.get_by_role("dialog").get_by_role("alert")).to_have_text("すでに別の結果を報告しています。")


OTHERS = ["match('playing', { match_id: 'm2' })", "match('playing', { players: { ...players(), z: players().a1 } })"]


@pytest.mark.parametrize("change", OTHERS)
def test_another_match_and_other_players_begin_anew(opened, change):
    here = opened("playing")
    here.page.get_by_label("無効試合").check()
    here.page.get_by_text("プレイヤーを通報").click()
    here.page.get_by_label("味方 1").check()
    here.run(f"sheet.update({change}, 'a0', true); sheet.element.open || sheet.open()")
    sheet = here.page.get_by_role("dialog")
    assert sheet.locator("input:checked").count() == 0
    expect(sheet.locator("details")).not_to_have_attribute("open", "")


MISSING = """
  const { missingPlayers } = await import("/parts/missing.js");
  window.part = missingPlayers();
  window.match = (id, names = ["うさぎ", "かめ"]) => ({ match_id: id, phase: "joining", players: {
    me: {}, ...Object.fromEntries(names.map((name, index) => [`p${index}`, { trainer_name: name }])) } });
  document.getElementById("main").append(part.element);
  part.update(match("m1"), "me", true);
"""
OWN = "GET /matches/m1/report"
MARK = "POST /matches/m1/missing"


def marks(here):
    return [body for method, path, body in here.asked if path.endswith("/missing")]


def test_a_no_show_is_reported_in_two_steps_and_the_report_is_shown(parts):
    here = parts()
    here.answers |= {OWN: (200, {"report": None, "missing": []}), MARK: (200, {})}
    here.run(MISSING)
    here.page.locator("summary").click()
    line = here.page.locator(".missing li", has_text="うさぎ")
    line.get_by_role("button", name="未入室と報告").click()
    assert marks(here) == []
    expect(line.get_by_role("button", name="やめる")).to_be_focused()  # a second tap or Enter does no harm
    line.get_by_role("button", name="やめる").click()
    line.get_by_role("button", name="未入室と報告").click()
    line.get_by_role("button", name="報告する").click()
    expect(line).to_contain_text("未入室の報告を受け付けました")
    assert marks(here) == [{"user_id": "p0"}]
    expect(here.page.get_by_role("button", name="未入室と報告")).to_have_count(1)  # for the other


def test_a_refused_no_show_can_be_reported_again(parts):
    here = parts()
    here.refuse(MARK, 429, "throttled", "Slow down.")
    here.run(MISSING)
    here.page.locator("summary").click()
    line = here.page.locator(".missing li", has_text="うさぎ")
    line.get_by_role("button", name="未入室と報告").click()
    line.get_by_role("button", name="報告する").click()
    expect(here.page.locator("#toast")).to_have_text("操作が多すぎます。少し待ってからお試しください。")
    expect(line.get_by_role("button", name="未入室と報告")).to_be_visible()


def test_what_was_reported_elsewhere_is_shown_and_the_fold_is_shut_in_the_next_match(parts):
    here = parts()
    here.answers[OWN] = (200, {"report": None, "missing": ["p1"]})
    here.run(MISSING)
    here.page.locator("summary").click()
    expect(here.page.locator(".missing li", has_text="かめ")).to_contain_text("未入室の報告を受け付けました")
    here.run("part.update(match('m1', ['うさぎ', 'かめ', 'ねこ']), 'me', true)")  # staff have given a seat to another
    expect(here.page.locator(".missing li", has_text="ねこ")).to_be_visible()
    here.run("part.update(match('m2'), 'me', true)")
    assert here.run("return part.element.open") is False
