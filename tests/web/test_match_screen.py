"""A match's screen: one next step in each phase, the host in the headline, nothing left open for the next match."""

import pytest
from playwright.sync_api import expect

SHOW = """
  const { matchScreen } = await import("/screens/match.js");
  const { ROLES } = await import("/roles.js");
  window.players = (more = {}) => Object.fromEntries(ROLES.flatMap((role, index) => [
    [`a${index}`, { team: "A", role, trainer_name: `味方 ${index}`, rate: 1500, ...(index === 0 ? more : {}) }],
    [`b${index}`, { team: "B", role, trainer_name: `相手 ${index}`, rate: 1500 }],
  ]));
  window.state = (phase, more = {}, own = {}) => {
    const match = {
      match_id: "m1", phase, status: phase === "done" ? "done" : "matched", players: players(own), report_count: 0,
      matched_at: new Date().toISOString(), deadline: new Date(Date.now() + 60000).toISOString(),
      host_user_id: "a0", lobby_id: phase === "lobby" ? null : "12345678", vc: { A: 1, B: 2 }, ...more,
    };
    return {
      me: { user_id: "a0", match_id: match.match_id, rate: 1500 }, matches: { [match.match_id]: match }, chosen: [],
      system: { season: null, match_hours: null }, dismissed: null, refused: null,
    };
  };
  window.draw = async (state) => {
    const { store } = await import("/store.js");
    store.set(state);
    screen.update(store.state);
  };
  window.screen = matchScreen();
  document.getElementById("main").append(screen.element);
  await draw(state(argument));
"""


@pytest.mark.parametrize(
    ("phase", "largest"), [("joining", "コピー"), ("playing", "結果を報告する"), ("done", "もう一度マッチング")]
)
def test_the_largest_button_is_the_next_step(parts, phase, largest):
    here = parts()
    here.run(SHOW, phase)
    big = [each for each in here.page.locator("button.big").all() if each.is_visible()]
    assert [each.inner_text() for each in big] == [largest]
    buttons = [each for each in here.page.get_by_role("button").all() if each.is_visible()]
    areas = {each.inner_text(): each.evaluate("(each) => each.offsetWidth * each.offsetHeight") for each in buttons}
    assert max(areas, key=lambda name: areas[name]) == largest


def test_in_the_lobby_the_host_tells_everybody_the_number(parts):
    here = parts()
    here.run(SHOW, "lobby")
    expect(here.page.get_by_role("heading", name="あなたがホスト")).to_be_visible()
    here.page.get_by_role("button", name="全員に知らせる").click()
    expect(here.page.locator("form [role=alert]")).to_have_text("ロビーIDを入力してください。8桁の数字です。")
    here.page.get_by_label("ロビーID").fill("1234")
    here.page.get_by_role("button", name="全員に知らせる").click()
    expect(here.page.locator("form [role=alert]")).to_have_text("ロビーIDは8桁の数字です。")
    assert here.asked == []
    here.run("await draw(state('lobby', { host_user_id: 'b0' }))")
    expect(here.page.get_by_text("あなたがホスト")).to_be_hidden()


def test_nothing_is_open_in_the_next_match_that_was_opened_in_the_last(parts):
    here = parts()
    here.run(SHOW, "joining")
    here.answers["GET /matches/m1/report"] = (200, {"report": None, "missing": []})
    for fold in ("入室していない人がいるとき", "ホストを交代する", "ロビーIDを訂正する"):
        here.page.get_by_text(fold).click()
    assert here.page.locator("details[open]").count() == 3
    here.run("await draw(state('joining', { match_id: 'm2' }))")
    assert here.page.locator("details[open]").count() == 0


def test_a_reported_match_shows_what_the_player_has_reported(parts):
    here = parts()
    own = {"result": "B-win", "reason": "", "violations": ["b1"], "reported_at": "2026-07-01T03:00:00Z"}
    here.answers["GET /matches/m1/report"] = (200, {"report": own, "missing": []})
    here.run(SHOW, "playing")
    assert here.asked == []
    here.run("await draw(state('playing', { report_count: 1 }, { reported: true }))")
    expect(here.page.locator(".result")).to_contain_text("あなたの報告：敗北。 通報：相手 1。")
    here.run("await draw(state('playing', { report_count: 2 }, { reported: true }))")
    assert len(here.asked) == 1


@pytest.mark.parametrize("phase", ["joining", "playing"])
def test_the_number_is_there_whole_on_the_smallest_phone(parts, phase):
    here = parts(viewport={"width": 320, "height": 640})
    here.run(SHOW, phase)
    number = here.page.locator(".lobby-id output")
    expect(number).to_have_text("12345678")
    assert number.evaluate("(each) => each.scrollWidth <= each.clientWidth")


def test_a_void_match_moves_no_rating_and_says_so(parts):
    here = parts()
    here.run(SHOW, "playing")
    here.run("await draw(state('done', { result: 'invalid', rate_deltas: {} }, { reported: true }))")
    expect(here.page.locator(".rating .delta")).to_have_text("±0")
