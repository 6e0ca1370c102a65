"""The whole page where something outside is not as it should be: clocks, storage, tabs, another release, the link."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.waiting import wait_until
from tests.web.whole_page import rfc3339

RECORD = """
  window.noticed = [];
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { window.noticed.push([title, options.tag]); }
    close() {}
  };
  document.hasFocus = () => false;
"""


def seconds_left(page) -> float:
    """The countdown in the title."""
    minutes, seconds = re.search(r"(\d+):(\d\d)", page.title()).groups()
    return 60 * int(minutes) + int(seconds)


class TestClock:
    @pytest.mark.parametrize("hours", [-30, -3, 3, 30])
    def test_a_device_whose_clock_is_hours_away_counts_and_renews_by_the_servers(self, world, hours):
        page = world.live(device_ahead=hours * 3600)
        world.match(deadline=100)
        expect(page).to_have_title(re.compile(r"^● 1:[34]\d"))
        for _ in range(12):  # two minutes
            world.beat()
            page.clock.run_for(10_000)
        assert world.sent.count("authenticate") == 1
        assert world.count("POST /auth/dev/login") == 1
        assert world.count("GET /system") == 2  # by the page, and by the client as it begins

    @pytest.mark.parametrize("hours", [-3, 3])
    def test_a_clock_that_is_set_while_the_page_is_open_changes_no_countdown(self, world, hours):
        page = world.live(device_ahead=1)
        world.match(deadline=100)
        expect(page).to_have_title(re.compile(r"^● 1:"))
        before = world.count("GET /system")
        page.clock.set_system_time(time.time() + hours * 3600)
        wait_until(lambda: page.clock.run_for(1000) is None and world.count("GET /system") > before, every=0.2)
        expect(page).to_have_title(re.compile(r"^● [01]:\d\d "))
        assert 0 <= seconds_left(page) <= 101
        expect(page.locator("#status")).to_have_text("接続中")


class TestStorage:
    THROWS = """
      for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { get() { throw new DOMException("forbidden", "SecurityError"); } });
    """
    FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    JUNK = ["{", "null", "7", '"TANK"', "[1, null, {}]", '{"a": 1}', '["TANK", "TANK", "JUNGLE", 3]', "", "[" * 9999]

    @pytest.mark.parametrize("init", [THROWS, FULL], ids=["throws", "full"])
    def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(self, world, init):
        page = world.live(init=init + RECORD)
        page.get_by_label("音で知らせる").uncheck()
        page.evaluate("location.hash = '#me'")
        page.evaluate("location.hash = ''")
        expect(page.get_by_label("音で知らせる")).not_to_be_checked()
        page.locator(".roles [data-role=TANK] button").click()
        world.match()
        expect(page.locator("#play .match")).to_be_visible()
        wait_until(lambda: page.evaluate("window.noticed.length") == 1)

    @pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
    def test_what_it_holds_is_checked_like_a_strangers_input(self, world, junk):
        keys = ["roles", "session", "auth", "known", "renewed", "sound", "announced", "notifies", "notice", "left"]
        init = f"""
          if (!window.name) for (const key of {keys}) for (const storage of [localStorage, sessionStorage])
            storage.setItem("unitemate." + key, {junk!r});
          window.name = "again";
        """
        page = world.live(init=init)
        pressed = page.locator("button.lane-role[aria-pressed=true]")
        expect(pressed).to_have_count(1 if 'TANK", "TANK' in junk else 0)
        page.goto(page.url.replace("?dev=Aoi", "") + "#me")
        expect(page.locator("#side h2").first).to_be_visible()

    @pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "%E0%A4%A", "me/../..", "player"])
    def test_an_address_that_names_no_page_shows_play(self, world, name):
        page = world.live(hash=f"#{name}")
        assert page.evaluate("document.body.dataset.view") == {"me/../..": "me", "player": "player"}.get(name, "play")
        expect(page.locator("#play .roles")).to_be_attached()


class TestTabs:
    LEAVE = "(await import('/static/web/connection.js')).leave()"

    @pytest.mark.parametrize("init", ["", "delete window.BroadcastChannel;"], ids=["channel", "storage"])
    def test_signing_out_signs_the_players_other_tabs_out_and_nobody_elses(self, world, init):
        one, other, mio = (world.live(name, init=init) for name in ("Aoi", "Aoi", "Mio"))
        one.evaluate(f"async () => {{ {self.LEAVE} }}")
        for page in (one, other):
            expect(page.locator(".login")).to_be_visible()
            assert page.evaluate("sessionStorage.length") == 0
        expect(other.locator("#toast")).to_contain_text("ほかの画面でログアウトしました")
        expect(mio.locator("#status")).to_have_text("接続中")
        other.reload()
        expect(other.locator(".login")).to_be_visible()


class TestRelease:
    def test_a_page_of_an_earlier_release_offers_to_be_loaded_anew(self, world):
        page = world.live()
        expect(page.locator(".release")).to_be_hidden()
        world.system |= {"system_version": "v2", "versions": {"release": "two"}}
        world.cut()
        expect(page.locator(".release")).to_contain_text("Unitemateが新しくなりました")
        page.evaluate("window.untouched = true")
        with page.expect_navigation():
            page.get_by_role("button", name="再読み込み").click()
        assert page.evaluate("window.untouched") is None

    def test_the_same_release_set_up_anew_is_no_other(self, world):
        page = world.live()
        world.system |= {"system_version": "v2"}
        world.cut()
        wait_until(lambda: page.wait_for_timeout(20) is None and world.count("GET /system") == 3)
        expect(page.locator("#status")).to_have_text("接続中")
        expect(page.locator(".release")).to_be_hidden()

    def test_a_page_that_cannot_be_loaded_any_more_offers_the_same(self, world):
        page = world.live()
        world.missing.add("screens/ranking.js")
        page.get_by_role("link", name="ランキング").click()
        expect(page.locator("#side")).to_contain_text("このページを読み込めませんでした")
        world.missing.clear()
        page.locator("#side").get_by_role("button", name="再読み込み").click()
        expect(page.locator("#side h2")).to_have_text("ランキング")

    def test_without_the_server_it_can_be_asked_for_again(self, world):
        page = world.live()
        world.missing.add("screens/ranking.js")
        world.answers["GET /system"] = (502, "<h1>Bad gateway</h1>")
        page.get_by_role("link", name="ランキング").click()
        expect(page.locator("#side").get_by_role("button", name="もう一度読み込む")).to_be_visible()

    def test_a_page_that_never_comes_is_given_up(self, world):
        page = world.open(init="window.name", device_ahead=1)
        expect(page.locator("#status")).to_have_text("接続中")
        page.route("**/screens/ranking.js", lambda route: None)
        page.get_by_role("link", name="ランキング").click()
        page.clock.run_for(16_000)
        expect(page.locator("#side")).to_contain_text("このページを読み込めませんでした")


class TestFound:
    """A match that is found calls the player, whatever the link was doing."""

    @pytest.mark.parametrize("phase", ["lobby", "joining", "playing"])
    def test_while_there_was_none(self, world, phase):
        page = world.live(init=RECORD, hash="#ranking")
        world.cut()
        world.match(push=False, phase=phase)
        expect(page.locator("#play .match")).to_be_visible()
        wait_until(lambda: page.evaluate("window.noticed.length") == 1)
        assert page.evaluate("[window.noticed[0][1], location.hash]") == ["m", ""]
        page.evaluate("location.hash = '#ranking'")
        world.cut()
        world.change("match_m", push=False, report_count=1)
        expect(page.locator("#status")).not_to_have_text("接続中")
        expect(page.locator("#status")).to_have_text("接続中")
        page.wait_for_timeout(400)  # longer than a tab without sound waits for the others
        assert page.evaluate("[window.noticed.length, location.hash]") == [1, "#ranking"]

    def test_before_the_page_came_and_once_for_all_that_come(self, world):
        world.match(push=False)
        page = world.live(init=RECORD, hash="#ranking")
        wait_until(lambda: page.evaluate("window.noticed.length") == 1)
        assert page.evaluate("location.hash") == ""
        page.evaluate("location.hash = '#ranking'")
        page.reload()
        expect(page.locator("#status")).to_have_text("接続中")
        page.wait_for_timeout(400)
        assert page.evaluate("[window.noticed.length, location.hash]") == [0, "#ranking"]

    def test_in_every_tab_that_is_open(self, world):
        one, other = (world.live(init=RECORD, hash="#ranking") for _ in range(2))
        world.cut()
        world.match(push=False)
        for page in (one, other):
            expect(page.locator("#play .match")).to_be_visible()
            assert page.evaluate("location.hash") == ""
        wait_until(lambda: sum(page.evaluate("window.noticed.length") for page in (one, other)) == 1)

    def test_but_not_when_the_player_has_reported_it(self, world):
        world.match(push=False, phase="playing")
        players = world.streams["match_m"][1]["players"]
        world.change("match_m", push=False, players={**players, "Aoi": {**players["Aoi"], "reported": True}})
        page = world.live(init=RECORD, hash="#ranking")
        page.wait_for_timeout(400)
        assert page.evaluate("[window.noticed.length, location.hash]") == [0, "#ranking"]


class TestLink:
    def test_one_window_too_many_says_so_refreshes_and_comes_back_by_itself(self, world):
        world.refusing = 4409
        page = world.open(device_ahead=1)
        world.answers["GET /users/me"] = (200, {"epoch": "e", "seq": 1, **world.streams["user_Aoi"][1]})
        expect(page.locator("#banner")).to_contain_text("開いている画面が多すぎます")
        expect(page.locator("#status")).to_have_text("数秒ごとに更新中")
        expect(page.locator("#total-waiting")).to_have_text("1")
        world.refusing = None
        page.clock.run_for(61_000)
        expect(page.locator("#status")).to_have_text("接続中")
        expect(page.locator("#banner .banner")).to_be_hidden()

    def test_a_stream_that_is_not_pushed_any_more_goes_on_moving(self, world):
        page = world.live()
        world.welcomes = {"streams": ["user_Aoi"]}
        world.system |= {"system_version": "v2", "streams": ["user", "match"], "poll_interval": 0.2}
        world.cut()
        expect(page.locator("#status")).not_to_have_text("接続中")
        for waiting in (5, 6):
            world.change("queue", push=False, total_waiting=waiting)
            expect(page.locator("#total-waiting")).to_have_text(str(waiting))
        expect(page.locator("#status")).to_have_text("接続中")

    @pytest.mark.parametrize("answer", [(200, "<h1>Welcome to our hotel</h1>"), (200, "null"), (200, {}), (502, "")])
    def test_an_answer_that_is_none_of_the_api_is_no_answer(self, world, answer):
        world.answers["GET /system"] = answer
        page = world.open(device_ahead=1)
        expect(page.locator("#play")).to_contain_text("サーバーにつながりません")
        world.answers.clear()
        page.clock.run_for(4000)
        expect(page.locator("#status")).to_have_text("接続中")

    @pytest.mark.parametrize("init", ["", "delete AbortSignal.timeout;"], ids=["timeout", "older"])
    @pytest.mark.parametrize("request_", ["GET /system", "POST /auth/dev/login"])
    def test_a_request_that_is_never_answered_is_given_up(self, world, init, request_):
        """What is asked again by itself comes then; else the player is told, and may try again."""
        world.hanging.add(request_)
        # Playwright's clock does not drive `AbortSignal.timeout`.
        quick = """AbortSignal.timeout = (ms) => {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), ms);
          return controller.signal;
        };"""
        page = world.open(init=init or quick, device_ahead=1)
        wait_until(lambda: page.wait_for_timeout(20) is None and world.count(request_) == 1)
        world.hanging.clear()
        page.clock.run_for(20_000)
        if request_ == "GET /system":
            expect(page.locator("#status")).to_have_text("接続中")
        else:
            expect(page.locator("#toast")).to_contain_text("サーバーにつながりません")
            expect(page.locator(".login")).to_be_visible()


class TestFocus:
    def test_a_button_that_goes_leaves_it_to_its_column(self, world):
        page = world.live()
        page.locator("button.lane-role").first.click()
        page.locator("button.lane-role").last.click()
        world.answers["POST /queue/join"] = (201, {})
        page.get_by_role("button", name="マッチング開始").focus()
        page.keyboard.press("Enter")
        entry = {"selected_roles": ["TOP_LANE", "TANK"], "queued_at": rfc3339(time.time())}
        world.change("user_Aoi", queue=entry)
        expect(page.get_by_role("button", name="マッチング停止")).to_be_visible()
        expect(page.get_by_role("main")).to_be_focused()

    def test_what_becomes_of_a_column_that_is_read_is_nothing_to_it(self, world):
        page = world.live()
        role = page.locator("button.lane-role").first
        role.focus()
        world.change("queue", total_waiting=9)
        expect(page.locator("#total-waiting")).to_have_text("9")
        expect(role).to_be_focused()
