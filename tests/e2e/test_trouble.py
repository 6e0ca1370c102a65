"""What goes over the wire, and what happens when it breaks."""

import json

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from matches.models import Match
from tests.backend import free_port
from tests.unitemate.processes import process, wait_until_it_answers
from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


class Wire:
    """The page's socket, with the test in between: it counts, it beats in the page's own time, and it can be cut."""

    def __init__(self, page: Page) -> None:
        self.cut = False
        self.sent: list[dict] = []
        self.sockets: list[WebSocketRoute] = []
        self.heads: dict[str, int] = {}
        page.route_web_socket("**/ws/", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close(code=1011)
            return
        self.sockets.append(socket)
        server = socket.connect_to_server()

        def to_server(text: str | bytes) -> None:
            self.sent.append(json.loads(text))
            server.send(text)

        def to_page(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["action"] == "heartbeat":
                return  # those of real time; the page lives by another clock
            if "seq" in frame:
                self.heads[frame["stream"]] = frame["seq"]
            socket.send(text)

        socket.on_message(to_server)
        server.on_message(to_page)

    def beat(self) -> None:
        self.sockets[-1].send(json.dumps({"action": "heartbeat", "heads": self.heads}))

    def cut_off(self) -> None:
        self.cut = True
        self.sockets[-1].close(code=1011)


def test_ten_minutes_in_the_queue_cost_one_frame_and_no_request(visitor, player):
    aoi = visitor()
    aoi.page.clock.install()
    wire = Wire(aoi.page)
    aoi.sign_in("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    before = len(aoi.requests)
    for minute in range(10):
        if minute in (3, 7):
            player(f"Bot {minute}").join("TANK", "SUPPORT")
            expect(aoi.page.locator("#total-waiting")).to_have_text("2" if minute == 3 else "3")
        for _ in range(6):
            wire.beat()
            aoi.page.clock.run_for(10_000)
    wire.beat()
    aoi.page.clock.run_for(2_000)
    assert aoi.page.locator(".head .display").inner_text().startswith("10:0")
    assert aoi.page.title().startswith("10:0")
    assert [frame["action"] for frame in wire.sent] == ["authenticate"]
    assert len(wire.sockets) == 1
    assert aoi.requests[before:] == []


def test_without_a_socket_it_polls_at_the_interval_and_recovers_without_a_reload(visitor, player):
    aoi = visitor()
    aoi.page.clock.install()
    wire = Wire(aoi.page)
    aoi.sign_in("Aoi")
    wire.cut_off()
    aoi.page.clock.run_for(5_000)
    expect(aoi.page.locator("#status")).to_have_text("数秒ごとに更新中")
    expect(aoi.page.locator("#banner")).to_contain_text("数秒ごとに更新しています")
    player("Mio").join("MIDDLE", "TANK")
    before = aoi.requests.count("GET /api/queue")
    rounds = 6
    for _ in range(rounds):
        with aoi.page.expect_response("**/api/users/me"):
            aoi.page.clock.run_for(5_000)
    assert rounds - 1 <= aoi.requests.count("GET /api/queue") - before <= rounds + 1
    expect(aoi.page.locator("#total-waiting")).to_have_text("1")
    aoi.page.clock.pause_at(aoi.page.evaluate("Date.now()") + 100)
    aoi.join("TANK", "SUPPORT")  # what the player does goes over REST as ever, and shows without waiting for the round
    aoi.page.clock.resume()
    aoi.shoot("polling")

    wire.cut = False
    # A jump, not a run: in a run's rush of seconds the new socket would be given up before it could open.
    aoi.page.clock.fast_forward(20_000)  # the longest that it waits before it tries again
    expect(aoi.page.locator("#status")).to_have_text("接続中")
    expect(aoi.page.locator("#banner .banner")).to_be_hidden()
    player("Ken").join("MIDDLE", "TANK")
    expect(aoi.page.locator("#total-waiting")).to_have_text("3")


def test_a_server_killed_and_restarted_during_a_match(visitor, fill_match):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process("manage.py", "serve", "--port", str(port)) as serving:
        wait_until_it_answers(url)
        aoi = visitor(url=url)
        aoi.page.clock.install()
        aoi.sign_in("Aoi")
        aoi.join("MIDDLE", "TOP_LANE")
        fill_match(9)  # by way of another server on the same database
        expect(aoi.page.locator(".eyebrow")).to_have_text("マッチングが成立しました")
        aoi.page.evaluate("window.untouched = true")
        serving.kill()
        expect(aoi.page.locator("#status")).not_to_have_text("接続中")
    host = User.objects.get(trainer_name="Bot 3")
    Match.objects.update(host=host, lobby_id="27182818", phase="joining")
    expect(aoi.page.locator("#banner")).to_contain_text("最後に受け取った内容")
    aoi.shoot("offline")
    with process("manage.py", "serve", "--port", str(port)):
        wait_until_it_answers(url)
        aoi.page.clock.fast_forward(20_000)  # the longest that it waits before it tries again
        expect(aoi.page.locator("#status")).to_have_text("接続中")
        expect(aoi.page.locator(".lobby-id output")).to_have_text("27182818")
        expect(aoi.page.locator(".match .facts")).to_contain_text("Bot 3")
        expect(aoi.page.locator("#banner .banner")).to_be_hidden()
        assert aoi.page.evaluate("window.untouched")


def test_two_tabs_and_a_reload_agree(visitor, fill_match):
    aoi = visitor("Aoi")
    other = aoi.page.context.new_page()
    other.goto(f"{aoi.url}/?dev=Aoi#ranking")
    expect(other.locator("#status")).to_have_text("接続中")
    aoi.join("MIDDLE", "TOP_LANE")
    expect(other.get_by_role("heading", name="対戦相手を探しています")).to_be_visible()
    match_id, others = fill_match(9)
    for page in (aoi.page, other):
        expect(page.locator(".eyebrow")).to_have_text("マッチングが成立しました")
    assert other.evaluate("location.hash") == ""  # led to the match from the ranking
    aoi.page.get_by_role("button", name="無効を申請").click()
    other.get_by_role("button", name="無効を申請").click()
    aoi.page.get_by_label("ロビーが作られない").check()
    aoi.page.get_by_role("button", name="申請する").click()
    for page in (aoi.page, other):
        expect(page.locator("dialog")).to_be_hidden()
        expect(page.get_by_text("結果の報告を受け付けました")).to_be_visible()
    for each in others[:5]:
        each.report(match_id, "invalid")
    for page in (aoi.page, other):
        expect(page.locator(".result .display")).to_have_text("無効試合")


def test_losing_the_network_shows_at_once_and_mends_itself(visitor):
    aoi = visitor("Aoi")
    aoi.page.context.set_offline(True)
    expect(aoi.page.locator("#status")).not_to_have_text("接続中", timeout=3000)
    aoi.page.context.set_offline(False)
    expect(aoi.page.locator("#status")).to_have_text("接続中")
