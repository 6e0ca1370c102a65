"""The start button: why it is shut and until when, and that it opens by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)  # in Japan
FORBIDDEN = 4403


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    """A time of Japan's clocks."""
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


REFUSAL = """
  const { joinRefusal } = await import("/join-refusal.js");
  const [state, now] = argument;
  return joinRefusal({ me: {}, system: { season: null, match_hours: null }, refused: null, ...state }, now);
"""
OPEN = {"season": None, "match_hours": None}
SOON = NOON + timedelta(minutes=5)


def points(number: int, until: datetime | None) -> dict:
    return {"me": {"penalty": {"points": number, "until": until and until.isoformat()}}}


def season(running: bool, ends_at: datetime | None) -> dict:
    return {"system": OPEN | {"season": {"running": running, "ends_at": ends_at and ends_at.isoformat()}}}


@pytest.mark.parametrize(
    ("state", "code", "until"),
    [
        ({}, None, None),
        ({"refused": FORBIDDEN}, "banned", None),
        (points(1, SOON), "penalty", SOON),
        (points(1, NOON), None, None),
        (points(5, None), None, None),
        (points(6, SOON), "barred", None),
        (season(True, None), None, None),
        (season(True, SOON), None, None),
        (season(True, NOON), "no_season", None),
        (season(False, None), "no_season", None),
        ({"system": OPEN | {"match_hours": "14:00-02:00"}}, "closed_hours", at(14)),
        ({"system": OPEN | {"match_hours": "09:00-12:00"}}, "closed_hours", at(9, day=2)),
        ({"system": OPEN | {"match_hours": "12:00-13:00"}}, None, None),
    ],
)
def test_it_knows_what_the_server_would_refuse(parts, state, code, until):
    found = parts().run(REFUSAL, [state, milliseconds(NOON)])
    assert found == (code and {"code": code, "until": until and milliseconds(until)})


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(13, 59), at(14)),
        (at(14), None),
        (at(23, 59), None),
        (at(0, day=2), None),
        (at(1, 59, day=2), None),
        (at(2, day=2), at(14, day=2)),
        (at(0, 30) + timedelta(hours=8), at(14)),  # before UTC's midnight and after Japan's
    ],
)
def test_hours_that_go_past_midnight_are_those_of_japan(parts, now, opens):
    code = "return (await import('/join-refusal.js')).nextOpening('14:00-02:00', argument)"
    assert parts(timezone_id="America/New_York").run(code, milliseconds(now)) == (opens and milliseconds(opens))


BUTTON = """
  const { store } = await import("/store.js");
  const { startButton } = await import("/parts/start.js");
  store.set({ me: {}, chosen: ["MIDDLE", "TANK"], system: { season: null, match_hours: null }, ...argument });
  window.part = startButton("マッチング開始", async () => {});
  document.getElementById("main").append(part.element);
  setInterval(part.tick, 1000);
  part.tick();
"""


@pytest.fixture
def button(parts):
    def make(state):
        here = parts(timezone_id="Asia/Tokyo")
        here.page.clock.install(time=NOON)
        here.run(BUTTON, state)
        return here, here.page.get_by_role("button", name="マッチング開始")

    return make


def test_a_penalty_shuts_it_with_its_reason_and_its_end_opens_it(button):
    until = (NOON + timedelta(minutes=2)).isoformat()
    notice = {"code": "penalty", "at": NOON.isoformat(), "points": 1, "until": until, "reason": "暴言がありました"}
    here, start = button({"me": {"user_id": "u", "penalty": {"points": 1, "until": until}, "notice": notice}})
    why = here.page.locator(".start-why")
    expect(start).to_be_disabled()
    expect(why).to_contain_text("ペナルティのため、7月1日 12:02まで開始できません。 理由：暴言がありました。")
    expect(start).to_have_accessible_description(
        "ペナルティのため、7月1日 12:02まで開始できません。 理由：暴言がありました。"
    )
    here.page.clock.pause_at(NOON + timedelta(minutes=1))  # a running clock would show a slow machine another second
    expect(why).to_contain_text("あと 1:00")
    expect(start).to_be_disabled()
    here.page.clock.run_for(61_000)
    expect(start).to_be_enabled()
    expect(why).to_be_hidden()


def test_closed_hours_shut_it_until_the_next_opening(button):
    here, start = button({"system": {"season": None, "match_hours": "14:00-02:00"}})
    expect(start).to_be_disabled()
    expect(here.page.locator(".start-why")).to_contain_text("受付時間外です。7月1日 14:00から開始できます。")
    here.page.clock.run_for(60_000)
    here.page.clock.fast_forward("01:59:00")
    here.page.clock.run_for(2_000)
    expect(start).to_be_enabled()


def test_a_season_that_begins_opens_it_within_a_minute_or_so(button):
    system = {"streams": [], "season": {"running": False, "ends_at": None}, "match_hours": None}
    here, start = button({"system": system})
    expect(start).to_be_disabled()
    expect(here.page.locator(".start-why")).to_contain_text("シーズン期間外です。")
    here.answers["GET /system"] = (200, system | {"season": {"running": True, "ends_at": None}})
    here.page.clock.run_for(65_000)
    expect(start).to_be_enabled()


def test_a_barred_and_a_banned_player_are_told_so(button):
    here, start = button({"me": {"penalty": {"points": 7, "until": None}}})
    expect(here.page.locator(".start-why")).to_contain_text("ペナルティが7点あるため、開始できません。")
    expect(start).to_be_disabled()
    here.run("const { store } = await import('/store.js'); store.set({ me: {}, refused: 4403 }); part.tick();")
    expect(here.page.locator(".start-why")).to_contain_text("このアカウントでは開始できません。")
    expect(start).to_be_disabled()
